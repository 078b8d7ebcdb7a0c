import GrapnelCore

/// Reads paths and templates, byte by byte, and knows where it is when something is wrong.
struct ExpressionParser {
    private let text: String
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position >= bytes.count }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    func error(_ message: String, at offset: Int? = nil) -> ExpressionError {
        ExpressionError(.malformed, message, expression: text, offset: offset ?? position)
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 { position += 1 }
    }

    /// Whether a template's literal text goes on at `position`; appends one byte of it.
    mutating func takeLiteral(into literal: inout [UInt8]) -> Bool {
        guard let byte = next else { return false }
        if byte == UInt8(ascii: "{") {
            guard position + 1 < bytes.count, bytes[position + 1] == byte else { return false }
            position += 1
        }
        literal.append(byte)
        position += 1
        return true
    }

    // MARK: Paths

    mutating func path() throws(ExpressionError) -> PathExpression {
        let start = position
        let root = try key()
        var steps: [PathExpression.Step] = []
        while true {
            if take(".") {
                if take("*") {
                    steps.append(.any)
                } else {
                    steps.append(ExpressionParser.step(try key()))
                }
            } else if take("[") {
                steps.append(try bracket())
            } else {
                break
            }
            guard position - start <= PathExpression.maximumCount else {
                throw error("a path of more than \(PathExpression.maximumCount) bytes")
            }
        }
        let description = String(decoding: bytes[start..<position], as: UTF8.self)
        return PathExpression(description: description, root: root, steps: steps)
    }

    private mutating func key() throws(ExpressionError) -> String {
        let start = position
        while let byte = next, ExpressionParser.isKeyByte(byte) { position += 1 }
        guard position > start else { throw error("expected a name") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x7F, UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
            UInt8(ascii: "}"), UInt8(ascii: "|"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "*"):
            false
        default: true
        }
    }

    /// Digits are an index, unless a zero before them makes them a name.
    private static func step(_ key: String) -> PathExpression.Step {
        guard key.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            key.utf8.count == 1 || key.utf8.first != UInt8(ascii: "0"), let index = Int(key)
        else { return .key(key) }
        return .index(index)
    }

    private mutating func bracket() throws(ExpressionError) -> PathExpression.Step {
        let step: PathExpression.Step =
            if let quoted = try quotedText() { .key(quoted) } else { ExpressionParser.step(try key()) }
        guard take("]") else { throw error("expected ]") }
        return step
    }

    // MARK: Arguments

    /// A text in single or double quotes, `\` before a quote or itself; `nil` when none starts here.
    mutating func quotedText() throws(ExpressionError) -> String? {
        guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
        let start = position
        position += 1
        var content: [UInt8] = []
        while let byte = next {
            position += 1
            if byte == quote { return String(decoding: content, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), let escaped = next, escaped == quote || escaped == byte {
                content.append(escaped)
                position += 1
            } else {
                content.append(byte)
            }
        }
        throw error("a quote that is not closed", at: start)
    }

    /// A filter's argument: a quoted text, or a JSON value without spaces.
    mutating func argument() throws(ExpressionError) -> JSON {
        if let text = try quotedText() { return .string(text) }
        let start = position
        while let byte = next, byte != UInt8(ascii: "}"), byte != UInt8(ascii: "|"), byte > 0x20 { position += 1 }
        do {
            return try JSONParser.parse(bytes[start..<position])
        } catch {
            throw self.error("expected a quoted text, a number, true, false or null", at: start)
        }
    }

    /// A filter's name.
    mutating func filterName() throws(ExpressionError) -> String {
        let start = position
        while let byte = next, ExpressionParser.isNameByte(byte) { position += 1 }
        guard position > start else { throw error("expected a filter") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
