import GrapnelCore
import GrapnelFormat

/// Sets a value at a path of a document, making the objects on the way.
enum JSONEdit {
    /// The document with the change; `nil` when the path leads through something that is no object or list.
    static func set(_ value: JSON, at steps: ArraySlice<PathExpression.Step>, in document: JSON?) -> JSON? {
        guard let step = steps.first else { return value }
        let rest = steps.dropFirst()
        switch (step, document ?? .object(JSONObject())) {
        case (.index(let index), .array(var elements)) where index <= elements.count:
            guard let changed = set(value, at: rest, in: index < elements.count ? elements[index] : nil) else {
                return nil
            }
            if index < elements.count { elements[index] = changed } else { elements.append(changed) }
            return .array(elements)
        case (.key(let key), .object(var object)):
            guard let changed = set(value, at: rest, in: object[key] == .null ? nil : object[key]) else { return nil }
            object[key] = changed
            return .object(object)
        case (.index(let index), .object(var object)):
            guard let changed = set(value, at: rest, in: object[String(index)]) else { return nil }
            object[String(index)] = changed
            return .object(object)
        case (.any, .array(let elements)):
            var changed: [JSON] = []
            for element in elements {
                guard let new = set(value, at: rest, in: element) else { return nil }
                changed.append(new)
            }
            return .array(changed)
        default: return nil
        }
    }
}
