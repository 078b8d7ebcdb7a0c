package import GrapnelCore

/// A path into the values of a scope: `body.issue.labels.*.name`, `headers.X-GitHub-Event`, `body["a.b"].0`.
package struct PathExpression: Sendable, Hashable, CustomStringConvertible {
    /// One step from a value to what it holds.
    package enum Step: Sendable, Hashable {
        /// A member of an object, or a header field.
        case key(String)
        /// An element of an array; of an object, the member of that name.
        case index(Int)
        /// Every element of an array or member of an object.
        case any
    }

    /// The longest path that is read, in bytes.
    package static let maximumCount = 1024

    /// The path as it was written.
    package let description: String
    /// The name it starts with.
    package let root: String
    /// What follows the root.
    package let steps: [Step]

    /// The path that `text` spells; throws `malformed` with the offset of what is wrong.
    package init(_ text: String) throws(ExpressionError) {
        var parser = ExpressionParser(text)
        self = try parser.path()
        guard parser.isAtEnd else { throw parser.error("expected . or [ or the end of the path") }
    }

    init(description: String, root: String, steps: [Step]) {
        self.description = description
        self.root = root
        self.steps = steps
    }

    /// Whether the path has a `.*`, and so may lead to several values.
    package var isMultiple: Bool { steps.contains(.any) }

    /// Everything that the path leads to in `scope`.
    package func values(in scope: some ValueScope) -> PathValues {
        switch scope.root(root) {
        case nil: .none
        case .json(let value): PathExpression.values(in: value, steps[...])
        case .bytes(let bytes): steps.isEmpty ? .one(.string(String(decoding: bytes, as: UTF8.self))) : .none
        case .headers(let headers): values(in: headers)
        }
    }

    /// The first value that the path leads to in `scope`.
    package func first(in scope: some ValueScope) -> JSON? {
        values(in: scope).first
    }

    private func values(in headers: HeaderFields) -> PathValues {
        switch steps.first {
        case nil:
            return .one(.object(JSONObject(headers.fields.map { ($0.name, .string($0.value)) })))
        case .any:
            return steps.count == 1 ? .many(headers.fields.map { .string($0.value) }) : .none
        case .index(let index):
            return fields(headers, String(index))
        case .key(let name):
            return fields(headers, name)
        }
    }

    private func fields(_ headers: HeaderFields, _ name: String) -> PathValues {
        if steps.count == 1 { return headers.first(name).map { .one(.string($0)) } ?? .none }
        let values = headers.values(name)
        return values.isEmpty ? .none : PathExpression.values(in: .array(values.map { .string($0) }), steps[1...])
    }

    private static func values(in start: JSON, _ steps: ArraySlice<Step>) -> PathValues {
        var value = start
        for index in steps.indices {
            switch (steps[index], value) {
            case (.key(let key), .object(let object)):
                guard let member = object[key] else { return .none }
                value = member
            case (.index(let index), .array(let elements)):
                guard elements.indices.contains(index) else { return .none }
                value = elements[index]
            case (.index(let index), .object(let object)):
                guard let member = object[String(index)] else { return .none }
                value = member
            case (.any, .array(let elements)):
                return .many(elements.flatMap { found(in: $0, steps[(index + 1)...]) })
            case (.any, .object(let object)):
                return .many(object.members.flatMap { found(in: $0.value, steps[(index + 1)...]) })
            default:
                return .none
            }
        }
        return .one(value)
    }

    private static func found(in value: JSON, _ steps: ArraySlice<Step>) -> [JSON] {
        switch values(in: value, steps) {
        case .none: []
        case .one(let value): [value]
        case .many(let values): values
        }
    }
}
