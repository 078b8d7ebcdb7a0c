import GrapnelCore

/// The spelling of types in TypeScript.
enum TypeScriptType {
    /// The type of what fits a JSON Schema.
    static func of(schema: JSON, indent: Int = 0) -> String {
        guard let object = schema.object else { return "unknown" }
        var parts: [String] = []
        if let choices = object["enum"]?.array ?? object["const"].map({ [$0] }) {
            parts.append(choices.map { JSONWriter.text($0) }.joined(separator: " | "))
        } else if let type = object["type"] {
            let names = (type.array ?? [type]).compactMap(\.string)
            parts.append(names.map { plain($0, schema: schema, indent: indent) }.joined(separator: " | "))
        } else if object["properties"] != nil {
            parts.append(members(of: schema, indent: indent))
        } else if let required = object["required"]?.array?.compactMap(\.string), !required.isEmpty {
            parts.append("{ " + required.map { "\(name($0)): unknown" }.joined(separator: "; ") + " }")
        }
        for key in ["anyOf", "oneOf"] {
            guard let branches = object[key]?.array else { continue }
            parts.append(union(branches.map { of(schema: $0, indent: indent) }))
        }
        parts += (object["allOf"]?.array ?? []).map { of(schema: $0, indent: indent) }
        parts = parts.filter { $0 != "unknown" }
        guard parts.count > 1 else { return parts.first ?? "unknown" }
        return parts.map { $0.contains(" | ") && !$0.hasPrefix("{") ? "(\($0))" : $0 }.joined(separator: " & ")
    }

    /// The type of a value that stands for others like it: an object may have more members than the one that is known.
    static func like(_ value: JSON, isClosed: Bool = false, indent: Int = 0) -> String {
        switch value {
        case .null: return "any"
        case .bool: return "boolean"
        case .integer, .number: return "number"
        case .string: return "string"
        case .array(let elements):
            let kinds = Set(elements.map { like($0, indent: indent) }).sorted()
            return kinds.isEmpty
                ? "any[]" : kinds.count == 1 ? "\(grouped(kinds[0]))[]" : "(\(kinds.joined(separator: " | ")))[]"
        case .object(let object):
            let space = String(repeating: "  ", count: indent + 1)
            var lines = object.members.map { "\(space)\(name($0.key)): \(like($0.value, indent: indent + 1))" }
            if !isClosed { lines.append("\(space)[name: string]: any") }
            return lines.isEmpty
                ? "{}" : "{\n\(lines.joined(separator: "\n"))\n\(String(repeating: "  ", count: indent))}"
        }
    }

    /// A member's name, in quotes when it needs them.
    static func name(_ text: String) -> String {
        let isPlain =
            text.utf8.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0 == "_" || $0 == "$" || ("0"..."9").contains($0))
            }
        return isPlain ? text : JSONWriter.text(.string(text))
    }

    /// A comment above a member; nothing without a text.
    static func comment(_ text: String?, indent: Int) -> String {
        guard let text, !text.isEmpty else { return "" }
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ").split(separator: "*/").joined(
            separator: "* /")
        return "\(String(repeating: "  ", count: indent))/** \(line) */\n"
    }

    private static func plain(_ type: String, schema: JSON, indent: Int) -> String {
        switch type {
        case "integer", "number": "number"
        case "array": "\(grouped(schema["items"].map { of(schema: $0, indent: indent) } ?? "unknown"))[]"
        case "object": members(of: schema, indent: indent)
        default: type
        }
    }

    private static func members(of schema: JSON, indent: Int) -> String {
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        let space = String(repeating: "  ", count: indent + 1)
        var lines = (schema["properties"]?.object?.members ?? []).map { member in
            comment(member.value["description"]?.string, indent: indent + 1)
                + "\(space)\(name(member.key))\(required.contains(member.key) ? "" : "?"): "
                + of(schema: member.value, indent: indent + 1)
        }
        switch schema["additionalProperties"] {
        case .bool(false)?: break
        case .object(let more)? where lines.isEmpty:
            lines.append("\(space)[name: string]: \(of(schema: .object(more), indent: indent + 1))")
        default: lines.append("\(space)[name: string]: unknown")
        }
        return lines.isEmpty ? "{}" : "{\n\(lines.joined(separator: "\n"))\n\(String(repeating: "  ", count: indent))}"
    }

    private static func union(_ types: [String]) -> String {
        // One alternative that says nothing leaves everything open.
        types.contains("unknown") ? "unknown" : types.map(grouped).joined(separator: " | ")
    }

    private static func grouped(_ type: String) -> String {
        (type.contains(" | ") || type.contains(" & ")) && !(type.hasPrefix("{") && type.hasSuffix("}"))
            ? "(\(type))" : type
    }
}
