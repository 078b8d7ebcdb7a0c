/// A strict, bounded parser of JSON text (RFC 8259) over bytes.
///
/// It never recurses deeper than `Limits.depth` and never makes more than `Limits.values` values, so that hostile
/// input costs what its size costs and no more. Lone surrogate escapes become U+FFFD.
package struct JSONParser {
    /// What one document may cost.
    package struct Limits: Sendable {
        /// Nesting of arrays and objects. Default 256.
        package var depth: Int
        /// Values in the document, members and elements together. Default 1,000,000.
        package var values: Int

        package init(depth: Int = 256, values: Int = 1_000_000) {
            self.depth = depth
            self.values = values
        }
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: Limits
    private var position = 0
    private var values = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>, limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The value that `bytes` spell; white space around it is allowed, anything else after it is not.
    package static func parse(
        _ bytes: some Sequence<UInt8>, limits: Limits = Limits()
    ) throws(JSONParseError) -> JSON {
        let outcome: Result<JSON, JSONParseError>? = bytes.withContiguousStorageIfAvailable { buffer in
            Result { () throws(JSONParseError) in try parseBuffer(buffer, limits: limits) }
        }
        if let outcome { return try outcome.get() }
        return try parse(Array(bytes), limits: limits)
    }

    /// The value that `text` spells.
    package static func parse(_ text: String, limits: Limits = Limits()) throws(JSONParseError) -> JSON {
        try parse(Array(text.utf8), limits: limits)
    }

    /// The byte ranges of the elements of a top-level array, each of which is a valid value.
    ///
    /// So a batch can be split into events without writing every element anew.
    package static func elementRanges(
        _ bytes: [UInt8], limits: Limits = Limits()
    ) throws(JSONParseError) -> [(value: JSON, range: Range<Int>)] {
        let outcome: Result<[(value: JSON, range: Range<Int>)], JSONParseError>? =
            bytes.withContiguousStorageIfAvailable { buffer in
                Result { () throws(JSONParseError) in
                    var parser = JSONParser(buffer, limits: limits)
                    return try parser.topLevelElements()
                }
            }
        return try outcome?.get() ?? []
    }

    private static func parseBuffer(
        _ buffer: UnsafeBufferPointer<UInt8>, limits: Limits
    ) throws(JSONParseError) -> JSON {
        var parser = JSONParser(buffer, limits: limits)
        let value = try parser.value(depth: 0)
        try parser.end()
        return value
    }

    private mutating func topLevelElements() throws(JSONParseError) -> [(value: JSON, range: Range<Int>)] {
        skipSpace()
        guard take(UInt8(ascii: "[")) else { throw error("expected an array") }
        var elements: [(value: JSON, range: Range<Int>)] = []
        skipSpace()
        if !take(UInt8(ascii: "]")) {
            while true {
                skipSpace()
                let start = position
                let value = try value(depth: 1)
                elements.append((value, start..<position))
                skipSpace()
                if take(UInt8(ascii: ",")) { continue }
                guard take(UInt8(ascii: "]")) else { throw error("expected , or ] in an array") }
                break
            }
        }
        try end()
        return elements
    }

    private func error(_ message: String) -> JSONParseError {
        JSONParseError(message: message, offset: position)
    }

    private mutating func end() throws(JSONParseError) {
        skipSpace()
        if position != bytes.count { throw error("unexpected text after the value") }
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONParseError) -> JSON {
        guard depth <= limits.depth else { throw error("nested deeper than \(limits.depth)") }
        values += 1
        guard values <= limits.values else { throw error("more than \(limits.values) values") }
        skipSpace()
        guard position < bytes.count else { throw error("unexpected end") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try objectValue(depth: depth)
        case UInt8(ascii: "["): return try arrayValue(depth: depth)
        case UInt8(ascii: "\""): return .string(try stringValue())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try numberValue()
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONParseError) -> JSON {
        let length = text.utf8CodeUnitCount
        guard position + length <= bytes.count else { throw error("unexpected end") }
        for index in 0..<length where bytes[position + index] != text.utf8Start[index] {
            throw error("expected \(text)")
        }
        position += length
        return value
    }

    private mutating func objectValue(depth: Int) throws(JSONParseError) -> JSON {
        position += 1
        var members: [JSONObject.Member] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(JSONObject(members)) }
        while true {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw error("expected a member name")
            }
            let key = try stringValue()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("expected : after a member name") }
            members.append(JSONObject.Member(key: key, value: try value(depth: depth + 1)))
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw error("expected , or } in an object") }
            return .object(JSONObject(members))
        }
    }

    private mutating func arrayValue(depth: Int) throws(JSONParseError) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw error("expected , or ] in an array") }
            return .array(elements)
        }
    }

    private mutating func stringValue() throws(JSONParseError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let text = try validText(UnsafeBufferPointer(rebasing: bytes[start..<position]))
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            if byte < 0x20 { throw error("control character in a string") }
            position += 1
        }
        throw error("unterminated string")
    }

    private func validText(_ slice: UnsafeBufferPointer<UInt8>) throws(JSONParseError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw error("string is not UTF-8") }
        return text
    }

    private mutating func escapedString(from start: Int) throws(JSONParseError) -> String {
        var text = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw error("string is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            case 0..<0x20: throw error("control character in a string")
            default: text.append(byte)
            }
        }
        throw error("unterminated string")
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(JSONParseError) {
        guard position < bytes.count else { throw error("unterminated string") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try unicodeEscape()
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw error("unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(JSONParseError) -> Unicode.Scalar {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        let high = try hexUnit()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard (0xD800..<0xDC00).contains(high), position + 1 < bytes.count,
            bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        else { return replacement }
        let afterHigh = position
        position += 2
        let low = try hexUnit()
        guard (0xDC00..<0xE000).contains(low) else {
            position = afterHigh
            return replacement
        }
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) ?? replacement
    }

    private mutating func hexUnit() throws(JSONParseError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("unterminated escape") }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch bytes[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = bytes[position] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = bytes[position] - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = bytes[position] - UInt8(ascii: "A") + 10
            default: throw error("bad \\u escape")
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    private mutating func numberValue() throws(JSONParseError) -> JSON {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let firstDigit = position
        let digits = skipDigits()
        guard digits > 0 else {
            position = start
            throw error("unexpected character")
        }
        if digits > 1, bytes[firstDigit] == UInt8(ascii: "0") { throw error("number with a leading zero") }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            guard skipDigits() > 0 else { throw error("digits expected after the point") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard skipDigits() > 0 else { throw error("digits expected in the exponent") }
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
        if isWhole, let value = Int64(text), !(value == 0 && text.utf8.first == UInt8(ascii: "-")) {
            return .integer(value)
        }
        guard let value = Double(text), value.isFinite else { throw error("number out of range") }
        return .number(value)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        return position - start
    }
}
