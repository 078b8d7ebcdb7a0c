/// Base 64 text (RFC 4648 §4 and §5).
package enum Base64 {
    /// Text of the standard alphabet, padded.
    package static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes, last: (UInt8(ascii: "+"), UInt8(ascii: "/")), isPadded: true)
    }

    /// Text of the alphabet that is safe in URLs, not padded.
    package static func encodeURL(_ bytes: [UInt8]) -> String {
        encode(bytes, last: (UInt8(ascii: "-"), UInt8(ascii: "_")), isPadded: false)
    }

    /// The bytes that `text` spells in either alphabet, padded or not.
    ///
    /// `nil` for any other character, white space included, for wrong padding, and for bits left over that are not
    /// zero, so that no two unpadded texts of one alphabet spell the same bytes.
    package static func decode(_ text: String) -> [UInt8]? {
        decode(text.utf8)
    }

    /// The bytes that ASCII text spells; `nil` as for `decode(_: String)`.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4 + 3)
        var bits: UInt32 = 0
        var digits = 0
        var padding = 0
        for character in text {
            if character == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(of: character) else { return nil }
            bits = bits << 6 | UInt32(value)
            digits += 1
            if digits % 4 == 0 {
                bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bits = 0
            }
        }
        guard padding == 0 || (padding <= 2 && (digits + padding) % 4 == 0) else { return nil }
        switch digits % 4 {
        case 0:
            return bytes
        case 2:
            guard bits & 0xF == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
            return bytes
        case 3:
            guard bits & 0x3 == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
            return bytes
        default:
            return nil
        }
    }

    private static func encode(_ bytes: [UInt8], last: (UInt8, UInt8), isPadded: Bool) -> String {
        String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { output in
            var position = 0
            var index = 0
            while index < bytes.count {
                let left = min(3, bytes.count - index)
                var group = UInt32(bytes[index]) << 16
                if left > 1 { group |= UInt32(bytes[index + 1]) << 8 }
                if left > 2 { group |= UInt32(bytes[index + 2]) }
                for place in 0..<4 {
                    if place <= left {
                        output[position] = digit(UInt8(group >> UInt32(18 - 6 * place) & 63), last: last)
                    } else if isPadded {
                        output[position] = UInt8(ascii: "=")
                    } else {
                        break
                    }
                    position += 1
                }
                index += 3
            }
            return position
        }
    }

    private static func digit(_ value: UInt8, last: (UInt8, UInt8)) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: last.0
        default: last.1
        }
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
