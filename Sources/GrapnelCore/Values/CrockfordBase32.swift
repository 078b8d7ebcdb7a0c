/// Crockford's base 32 (https://www.crockford.com/base32.html), lower case: no i, l, o, u.
package enum CrockfordBase32 {
    /// The digits in the order of their value.
    package static let digits: [UInt8] = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// The value of a digit in either case; `nil` for any other byte.
    package static func value(of byte: UInt8) -> UInt8? {
        let lower = byte | (UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? 0x20 : 0)
        return digits.firstIndex(of: lower).map { UInt8($0) }
    }

    /// `bytes` as digits, five bits each, the last padded with zero bits.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(digits[Int(buffer >> bits & 31)])
            }
        }
        if bits > 0 { text.append(digits[Int(buffer << (5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
