/// What is wrong with a path, filter condition or template, or why it has no value here; and where.
package struct ExpressionError: Error, Sendable, Hashable {
    /// What kind of trouble it is.
    package enum Kind: Sendable, Hashable {
        /// The text is no expression: the file that holds it must be changed.
        case malformed
        /// A path that a text needs leads nowhere.
        case absent
        /// A value cannot stand where the expression puts it, such as a line break in a header.
        case unsuitable
    }

    package let kind: Kind
    /// What is wrong, for a person.
    package let message: String
    /// The expression as it was written; empty when the trouble is in the shape of a mapping.
    package let expression: String
    /// The offset in UTF-8 bytes of `expression` at which it was noticed, when one place is to blame.
    package let offset: Int?
    /// The keys and indices that lead to the expression inside a mapping.
    package private(set) var place: [String]

    package init(_ kind: Kind, _ message: String, expression: String, offset: Int? = nil, place: [String] = []) {
        self.kind = kind
        self.message = message
        self.expression = expression
        self.offset = offset
        self.place = place
    }

    /// The same error, seen from one key or index further out.
    func inside(_ key: String) -> ExpressionError {
        var error = self
        error.place.insert(key, at: 0)
        return error
    }
}

extension ExpressionError: CustomStringConvertible {
    package var description: String {
        var text = place.isEmpty ? "" : place.joined(separator: ".") + ": "
        text += message
        guard !expression.isEmpty else { return text }
        if let offset { text += " at column \(offset + 1)" }
        return text + " in \"\(expression)\""
    }
}
