import GrapnelCore

/// The types that a JSON Schema names for the members of an input.
struct InputTypes: Sendable {
    private let schema: JSON

    init(schema: JSON) {
        self.schema = schema
    }

    /// The value that `text` stands for where the schema allows no string: a number, a boolean, or the text itself.
    func value(of text: String, at path: [String]) -> JSON {
        let types = names(at: path)
        guard !types.isEmpty, !types.contains("string") else { return .string(text) }
        guard let value = try? JSONParser.parse(text) else { return .string(text) }
        switch value {
        case .integer where types.contains("integer") || types.contains("number"),
            .number where types.contains("number"),
            .bool where types.contains("boolean"),
            .array where types.contains("array"),
            .object where types.contains("object"):
            return value
        default:
            return .string(text)
        }
    }

    /// Whether the schema wants an array at a path.
    func isArray(at path: [String]) -> Bool {
        names(at: path).contains("array")
    }

    private func names(at path: [String]) -> Set<String> {
        let type = path.reduce(schema as JSON?) { $0?["properties"]?[$1] }?["type"]
        return Set(type?.string.map { [$0] } ?? type?.array?.compactMap(\.string) ?? [])
    }
}
