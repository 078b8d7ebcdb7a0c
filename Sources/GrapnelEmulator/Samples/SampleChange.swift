package import GrapnelCore
package import GrapnelFormat

/// One value of a sample that is to be another: `body.issue.title=Down!`.
package struct SampleChange: Sendable, Hashable {
    /// Where: a path below `body`, `form` or `headers`, with `.0` for an element and `.*` for all of them.
    package var path: PathExpression
    package var value: JSON

    /// Throws `unsuitablePath` when the path leads into nothing that a request has.
    package init(_ path: PathExpression, _ value: JSON) throws(SampleError) {
        guard ["body", "form", "headers"].contains(path.root), !path.steps.isEmpty else {
            throw .unsuitablePath(path.description, reason: "it must begin with body., form. or headers.")
        }
        if path.root != "body", path.steps.count != 1 {
            throw .unsuitablePath(path.description, reason: "\(path.root) has names and texts, nothing below them")
        }
        self.path = path
        self.value = value
    }

    /// The change that an argument spells: `path=value`. What is JSON is a JSON value, anything else is text.
    package init(argument: String) throws(SampleError) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
            throw .malformedChange(argument)
        }
        let text = String(argument[argument.index(after: equals)...])
        let path: PathExpression
        do throws(ExpressionError) {
            path = try PathExpression(String(argument[..<equals]))
        } catch {
            throw .malformedChange(argument)
        }
        try self.init(path, (try? JSONParser.parse(text)) ?? .string(text))
    }

    /// The text of the value in a form or a header.
    var texts: [String] {
        switch value {
        case .string(let text): [text]
        case .array(let elements): elements.map { $0.string ?? JSONWriter.text($0) }
        default: [JSONWriter.text(value)]
        }
    }
}
