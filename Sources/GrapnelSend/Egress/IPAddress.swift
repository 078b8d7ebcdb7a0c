import Glibc

/// An address of the Internet Protocol, as it is dialled.
package enum IPAddress: Sendable, Hashable {
    /// Version 4, the first byte most significant.
    case v4(UInt32)
    /// Version 6, in two halves, the first byte most significant.
    case v6(high: UInt64, low: UInt64)

    /// The address that `text` spells: a dotted quad without leading zeros, or RFC 4291 text; no zone, no brackets.
    package init?(_ text: String) {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self = .v4(UInt32(bigEndian: four.s_addr))
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        self = withUnsafeBytes(of: &six) { IPAddress.v6(sixteen: $0) }
    }

    /// The address and port of a socket address; `nil` when it is not of the Internet Protocol.
    static func from(_ address: UnsafePointer<sockaddr>, length: Int) -> (address: IPAddress, port: UInt16)? {
        switch Int32(UnsafeRawPointer(address).load(as: sa_family_t.self)) {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                (.v4(UInt32(bigEndian: $0.pointee.sin_addr.s_addr)), UInt16(bigEndian: $0.pointee.sin_port))
            }
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                var six = pointer.pointee.sin6_addr
                let value = withUnsafeBytes(of: &six) { IPAddress.v6(sixteen: $0) }
                return (value, UInt16(bigEndian: pointer.pointee.sin6_port))
            }
        default: return nil
        }
    }

    private static func v6(sixteen bytes: UnsafeRawBufferPointer) -> IPAddress {
        .v6(
            high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }

    /// The same address with IPv4-mapped IPv6 (`::ffff:a.b.c.d`, RFC 4291 §2.5.5.2) written as IPv4.
    package var canonical: IPAddress {
        guard case .v6(0, let low) = self, low >> 32 == 0xFFFF else { return self }
        return .v4(UInt32(truncatingIfNeeded: low))
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .v4(let value):
            return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
        case .v6(let high, let low):
            let groups = [high, low].flatMap { half in
                [48, 32, 16, 0].map { String(half >> UInt64($0) & 0xFFFF, radix: 16) }
            }
            return groups.joined(separator: ":")
        }
    }
}
