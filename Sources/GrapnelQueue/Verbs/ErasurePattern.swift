/// A value of a person that is to be found wherever it stands, also as vendors spell it in URLs, forms and JSON.
package struct ErasurePattern: Sendable, Hashable {
    /// The shortest value that is looked for: a shorter one stands in too much that is somebody else's. 4 bytes.
    package static let shortest = 4

    /// The spellings, each as bytes.
    private let spellings: [[UInt8]]

    /// - Returns: `nil` when the value is too short to tell anything.
    package init?(_ value: String) {
        let bytes = Array(value.utf8)
        guard bytes.count >= ErasurePattern.shortest else { return nil }
        var spellings: [[UInt8]] = []
        for candidate in [
            bytes, ErasurePattern.percentEncoded(bytes, lowercase: false, space: "%20"),
            ErasurePattern.percentEncoded(bytes, lowercase: true, space: "%20"),
            ErasurePattern.percentEncoded(bytes, lowercase: false, space: "+"),
            ErasurePattern.jsonEscaped(value, slash: false), ErasurePattern.jsonEscaped(value, slash: true),
            ErasurePattern.jsonASCII(value),
        ] where !spellings.contains(candidate) {
            spellings.append(candidate)
        }
        self.spellings = spellings
    }

    /// Whether the value stands in these bytes; letters of ASCII count in both cases.
    package func isIn(_ bytes: [UInt8]) -> Bool {
        spellings.contains { ErasurePattern.isPart($0, of: bytes) }
    }

    private static func isPart(_ needle: [UInt8], of bytes: [UInt8]) -> Bool {
        guard let first = needle.first.map(lowercased), bytes.count >= needle.count else { return false }
        for start in 0...(bytes.count - needle.count) where lowercased(bytes[start]) == first {
            var index = 1
            while index < needle.count, lowercased(bytes[start + index]) == lowercased(needle[index]) { index += 1 }
            if index == needle.count { return true }
        }
        return false
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func percentEncoded(_ bytes: [UInt8], lowercase: Bool, space: String) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                return [byte]
            case UInt8(ascii: " "): return Array(space.utf8)
            default:
                let digits = String(byte, radix: 16, uppercase: !lowercase)
                return Array("%\(byte < 16 ? "0" : "")\(digits)".utf8)
            }
        }
    }

    private static func jsonEscaped(_ value: String, slash: Bool) -> [UInt8] {
        var text = ""
        for character in value {
            switch character {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "/": text += slash ? "\\/" : "/"
            default: text.append(character)
            }
        }
        return Array(text.utf8)
    }

    /// As encoders write it that keep to ASCII: `\u00e9`.
    private static func jsonASCII(_ value: String) -> [UInt8] {
        var text = ""
        for unit in value.utf16 {
            switch unit {
            case 0x22: text += "\\\""
            case 0x5C: text += "\\\\"
            case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return Array(text.utf8)
    }
}
