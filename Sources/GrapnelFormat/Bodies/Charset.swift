/// The character sets that bodies may be in.
package enum Charset: Sendable, Hashable {
    case utf8
    /// ISO 8859-1, each byte the code point of that number.
    case latin1

    /// The set that a `charset` parameter names, UTF-8 when it is missing; `nil` for one that cannot be decoded.
    package init?(named name: String?) {
        guard let name else {
            self = .utf8
            return
        }
        switch MediaType.lower(Array(name.utf8)[...]) {
        case "utf-8", "utf8", "us-ascii", "ascii": self = .utf8
        case "iso-8859-1", "latin1": self = .latin1
        default: return nil
        }
    }

    /// The bytes in UTF-8.
    func utf8(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .utf8: return bytes
        case .latin1:
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count)
            for byte in bytes {
                if byte < 0x80 {
                    result.append(byte)
                } else {
                    result.append(0xC0 | byte >> 6)
                    result.append(0x80 | byte & 0x3F)
                }
            }
            return result
        }
    }
}
