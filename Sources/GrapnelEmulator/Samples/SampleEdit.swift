import GrapnelCore
import GrapnelFormat

/// Sets the values that one path leads to in a JSON document.
struct SampleEdit {
    let path: PathExpression
    /// Whether what is not there is added.
    let isAdding: Bool
    /// The values set so far.
    private(set) var count = 0

    init(path: PathExpression, isAdding: Bool) {
        self.path = path
        self.isAdding = isAdding
    }

    /// `document` with what `steps` lead to changed.
    mutating func apply(
        to document: JSON, _ steps: ArraySlice<PathExpression.Step>,
        _ change: (Int) throws(SampleError) -> SampleChange
    ) throws(SampleError) -> JSON {
        guard let step = steps.first else {
            count += 1
            return try change(count - 1).value
        }
        let rest = steps.dropFirst()
        switch (step, document) {
        case (.any, .array(var elements)):
            for index in elements.indices { elements[index] = try apply(to: elements[index], rest, change) }
            return .array(elements)
        case (.index(let index), .array(var elements)) where index < elements.count || isAdding:
            guard index <= elements.count else {
                throw .unsuitablePath(path.description, reason: "the list has \(elements.count) elements")
            }
            if index == elements.count { elements.append(.null) }
            elements[index] = try apply(to: elements[index], rest, change)
            return .array(elements)
        case (.key, .object(var object)), (.index, .object(var object)):
            guard let key = SampleEdit.name(of: step), isAdding || object[key] != nil else { return document }
            object[key] = try apply(to: object[key] ?? .null, rest, change)
            return .object(object)
        case (.key(let key), .null) where isAdding:
            return .object(JSONObject([(key, try apply(to: .null, rest, change))]))
        case _ where isAdding:
            throw .unsuitablePath(path.description, reason: "the sample has no such place")
        default:
            return document
        }
    }

    /// The name of a member or a field; `nil` for all of them.
    static func name(of step: PathExpression.Step) -> String? {
        switch step {
        case .key(let key): key
        case .index(let index): String(index)
        case .any: nil
        }
    }
}
