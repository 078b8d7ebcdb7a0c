/// Writes JSON text: compact for the wire, canonical (sorted members) for fingerprints, indented for people.
package struct JSONWriter {
    /// How the text is laid out.
    package enum Style: Sendable {
        /// No white space, members in their order.
        case compact
        /// No white space, members sorted by name, repeated names left out: equal values give equal bytes.
        case canonical
        /// Two spaces a level, members in their order.
        case indented
    }

    private let style: Style
    private var bytes: [UInt8] = []

    private init(style: Style) {
        self.style = style
    }

    /// The UTF-8 text of `value`.
    package static func bytes(_ value: JSON, style: Style = .compact) -> [UInt8] {
        var writer = JSONWriter(style: style)
        writer.write(value, level: 0)
        return writer.bytes
    }

    /// The text of `value`.
    package static func text(_ value: JSON, style: Style = .compact) -> String {
        String(decoding: bytes(value, style: style), as: UTF8.self)
    }

    private mutating func write(_ value: JSON, level: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(String(value))
        case .number(let value): append(JSONWriter.text(ofNumber: value))
        case .string(let text): writeString(text)
        case .array(let elements):
            writeList(open: "[", close: "]", count: elements.count, level: level) { writer, index in
                writer.write(elements[index], level: level + 1)
            }
        case .object(let object):
            let members = style == .canonical ? JSONWriter.sorted(object) : object.members
            writeList(open: "{", close: "}", count: members.count, level: level) { writer, index in
                writer.writeString(members[index].key)
                writer.append(writer.style == .indented ? ": " : ":")
                writer.write(members[index].value, level: level + 1)
            }
        }
    }

    private mutating func writeList(
        open: String, close: String, count: Int, level: Int, element: (inout JSONWriter, Int) -> Void
    ) {
        append(open)
        for index in 0..<count {
            if index > 0 { append(",") }
            newLine(level: level + 1)
            element(&self, index)
        }
        if count > 0 { newLine(level: level) }
        append(close)
    }

    private mutating func newLine(level: Int) {
        guard style == .indented else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: level * 2))
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func writeString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20:
                append(byte < 0x10 ? "\\u000" : "\\u00")
                append(String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func sorted(_ object: JSONObject) -> [JSONObject.Member] {
        var last: [String: JSON] = [:]
        for member in object.members { last[member.key] = member.value }
        return last.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
            .map { JSONObject.Member(key: $0.key, value: $0.value) }
    }

    /// The text of a number: whole values without a fraction, as JavaScript writes them; what is not finite is null.
    package static func text(ofNumber value: Double) -> String {
        guard value.isFinite else { return "null" }
        if let whole = Int64(exactly: value), abs(value) < 1e15 { return String(whole) }
        return String(describing: value)
    }
}
