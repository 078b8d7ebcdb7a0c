#if canImport(Glibc)
import Glibc
#endif

/// A range of addresses in CIDR form: `10.0.0.0/8`, `fd00::/8`, or one address. IPv4 and IPv6 ranges never match each
/// other's addresses, but for IPv4-mapped IPv6 addresses, which count as the IPv4 address that they carry.
package struct NetworkRange: Sendable, Hashable, CustomStringConvertible {
    private let bytes: [UInt8]
    private let prefix: Int

    /// The range that `text` spells; `nil` for a malformed address or a prefix that is too long.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = NetworkRange.addressBytes(String(parts[0])) else { return nil }
        if parts.count == 2 {
            guard let prefix = Int(parts[1]), prefix >= 0, prefix <= bytes.count * 8, parts[1].first != "+" else {
                return nil
            }
            self.prefix = prefix
        } else {
            prefix = bytes.count * 8
        }
        self.bytes = bytes
    }

    /// Whether the range holds the address that `text` spells.
    package func contains(_ text: String) -> Bool {
        NetworkRange.addressBytes(text).map { contains(bytes: $0) } ?? false
    }

    /// Whether the range holds an address of 4 or 16 bytes in network order.
    package func contains(bytes address: [UInt8]) -> Bool {
        let address = NetworkRange.unmapped(address)
        guard address.count == bytes.count else { return false }
        for index in 0..<prefix {
            let mask = UInt8(0x80) >> UInt8(index % 8)
            if (address[index / 8] ^ bytes[index / 8]) & mask != 0 { return false }
        }
        return true
    }

    package var description: String {
        var buffer = [CChar](repeating: 0, count: 64)
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        bytes.withUnsafeBytes { _ = inet_ntop(family, $0.baseAddress, &buffer, socklen_t(buffer.count)) }
        let end = buffer.firstIndex(of: 0) ?? 0
        let address = String(decoding: buffer[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return prefix == bytes.count * 8 ? address : "\(address)/\(prefix)"
    }

    /// The bytes of a literal address in network order, IPv4-mapped ones as IPv4; `nil` when it is none.
    package static func addressBytes(_ text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, text, &six) == 1 { return unmapped(withUnsafeBytes(of: &six) { Array($0) }) }
        return nil
    }

    private static func unmapped(_ address: [UInt8]) -> [UInt8] {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        return address.count == 16 && Array(address[..<12]) == mapped ? Array(address[12...]) : address
    }
}
