import GrapnelCore

/// The spelling of types in TypeScript.
enum TypeScriptType {
    /// A type's text, and whether it must stand in parentheses beside an operator.
    private struct Spelled {
        var text: String
        var isCompound = false

        var grouped: String { isCompound ? "(\(text))" : text }

        /// Several types with an operator between them.
        static func joined(_ types: [Spelled], _ separator: String) -> Spelled {
            guard types.count != 1 else { return types[0] }
            return Spelled(text: types.map(\.grouped).joined(separator: separator), isCompound: true)
        }
    }

    /// The type of what fits a JSON Schema.
    static func of(schema: JSON, indent: Int = 0) -> String { spelled(schema, indent: indent)?.text ?? "unknown" }

    /// `nil` when the schema says nothing that a type can say.
    private static func spelled(_ schema: JSON, indent: Int) -> Spelled? {
        guard let object = schema.object else { return nil }
        var parts: [Spelled] = []
        if let choices = object["enum"]?.array ?? object["const"].map({ [$0] }), !choices.isEmpty {
            parts.append(.joined(choices.map { Spelled(text: JSONWriter.text($0)) }, " | "))
        } else if let names = object["type"].map({ ($0.array ?? [$0]).compactMap(\.string) }), !names.isEmpty {
            parts.append(.joined(names.map { plain($0, schema: schema, indent: indent) }, " | "))
        } else if object["properties"] != nil {
            parts.append(Spelled(text: members(of: schema, indent: indent)))
        } else if let required = object["required"]?.array?.compactMap(\.string), !required.isEmpty {
            parts.append(Spelled(text: "{ " + required.map { "\(name($0)): unknown" }.joined(separator: "; ") + " }"))
        }
        for key in ["anyOf", "oneOf"] {
            let branches = (object[key]?.array ?? []).map { spelled($0, indent: indent) }
            // One alternative that says nothing leaves everything open.
            let known = branches.compactMap { $0 }
            if !known.isEmpty, known.count == branches.count { parts.append(.joined(known, " | ")) }
        }
        parts += (object["allOf"]?.array ?? []).compactMap { spelled($0, indent: indent) }
        return parts.isEmpty ? nil : .joined(parts, " & ")
    }

    /// The type of a value that stands for others like it: an object may have more members than the one that is known.
    static func like(_ value: JSON, indent: Int = 0) -> String {
        switch value {
        case .null: return "any"
        case .bool: return "boolean"
        case .integer, .number: return "number"
        case .string: return "string"
        case .array(let elements):
            let kinds = Set(elements.map { like($0, indent: indent) }).sorted().map { Spelled(text: $0) }
            return kinds.isEmpty ? "any[]" : "\(Spelled.joined(kinds, " | ").grouped)[]"
        case .object(let object):
            let space = String(repeating: "  ", count: indent + 1)
            var lines = object.members.map { "\(space)\(name($0.key)): \(like($0.value, indent: indent + 1))" }
            lines.append("\(space)[name: string]: any")
            return "{\n\(lines.joined(separator: "\n"))\n\(String(repeating: "  ", count: indent))}"
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

    private static func plain(_ type: String, schema: JSON, indent: Int) -> Spelled {
        switch type {
        case "integer", "number": Spelled(text: "number")
        case "array":
            Spelled(text: "\(schema["items"].flatMap { spelled($0, indent: indent) }?.grouped ?? "unknown")[]")
        case "object": Spelled(text: members(of: schema, indent: indent))
        default: Spelled(text: type)
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
}
