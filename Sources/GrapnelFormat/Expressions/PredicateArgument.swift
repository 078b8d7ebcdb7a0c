package import GrapnelCore

/// A condition as it is written in one argument of a command: `path=value`, `path={"$gt": 100}`, or a whole mapping.
package enum PredicateArgument {
    /// The definition of the `Predicate` that `text` means.
    ///
    /// A value that looks like a number, `true`, `false` or `null` fits that and the text of it, since who searches does
    /// not know which one a vendor writes; in quotes it is the text alone.
    package static func definition(_ text: String) throws(ExpressionError) -> JSON {
        if text.hasPrefix("{") {
            guard let mapping = try? JSONParser.parse(text) else {
                throw ExpressionError(.malformed, "this is no JSON", expression: text)
            }
            return mapping
        }
        guard let equals = separator(in: text) else {
            throw ExpressionError(
                .malformed, "expected path=value, such as body.customer.id=42", expression: text)
        }
        let path = String(text[..<equals])
        let value = String(text[text.index(after: equals)...])
        let condition: JSON =
            switch try? JSONParser.parse(value) {
            case .string(let text)?: ["$eq": .string(text)]
            case .object(let operators)?: .object(operators)
            case let other?: ["$in": [other, .string(value)]]
            case nil: ["$eq": .string(value)]
            }
        return .object(JSONObject([(path, condition)]))
    }

    /// The first `=` that is not inside the quotes of a key.
    private static func separator(in text: String) -> String.Index? {
        var isQuoted = false
        for index in text.indices {
            if text[index] == "\"" { isQuoted.toggle() }
            if text[index] == "=", !isQuoted { return index }
        }
        return nil
    }
}
