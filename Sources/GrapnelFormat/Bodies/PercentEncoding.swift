/// Percent-encoding of URLs (RFC 3986 §2.1) and of forms (WHATWG URL §5).
package enum PercentEncoding {
    /// `text` with everything but unreserved characters escaped; a space becomes `%20`.
    package static func encode(_ text: String) -> String {
        encode(text.utf8, isForm: false)
    }

    /// The bytes, escaped as `encode(_: String)` does.
    package static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes, isForm: false)
    }

    /// `text` escaped for a name or value of a form; a space becomes `+`.
    package static func encodeForm(_ text: String) -> String {
        encode(text.utf8, isForm: true)
    }

    /// The bytes that `text` spells; a `%` that two digits do not follow stays as it is.
    package static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            text.formIndex(after: &index)
            if byte == UInt8(ascii: "%"), let value = escape(text, at: &index) {
                bytes.append(value)
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                bytes.append(0x20)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// `text` with the escapes of just these characters decoded, and every other escape left as it is: some vendors
    /// do so to a URL before they sign it.
    package static func decode(_ text: String, only characters: String) -> String {
        let wanted = Array(characters.utf8)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            var after = index + 1
            if bytes[index] == UInt8(ascii: "%"), let value = escape(bytes, at: &after), wanted.contains(value) {
                result.append(value)
                index = after
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func escape<Text: Collection<UInt8>>(_ text: Text, at index: inout Text.Index) -> UInt8? {
        guard index < text.endIndex, let high = digit(text[index]) else { return nil }
        let second = text.index(after: index)
        guard second < text.endIndex, let low = digit(text[second]) else { return nil }
        index = text.index(after: second)
        return high << 4 | low
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func encode(_ bytes: some Collection<UInt8>, isForm: Bool) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            if isUnreserved(byte, isForm: isForm) {
                result.append(byte)
            } else if isForm, byte == 0x20 {
                result.append(UInt8(ascii: "+"))
            } else {
                result.append(UInt8(ascii: "%"))
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8, isForm: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        case UInt8(ascii: "~"): !isForm
        case UInt8(ascii: "*"): isForm
        default: false
        }
    }
}
