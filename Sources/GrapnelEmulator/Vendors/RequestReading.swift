import GrapnelCore

/// What was read back out of a request: the operation's input, the credentials in it, and what is wrong with it.
struct RequestReading: Sendable {
    /// What a schema says about the types at a path, to read numbers and booleans back out of texts.
    private let types: InputTypes

    private(set) var input = JSONObject()
    /// The credentials that stand in the path, the query or the body, by name.
    private(set) var credentials: [String: String] = [:]
    private(set) var problems: [String] = []
    /// Whether the input is complete: no filter and no doubt stood in the way.
    private(set) var isComplete = true

    init(types: InputTypes) {
        self.types = types
    }

    mutating func refuse(_ problem: String) {
        problems.append(problem)
    }

    mutating func leaveUnread() {
        isComplete = false
    }

    /// Whether the input wants an array where this hole is filled from.
    func wantsArray(_ hole: PatternHole) -> Bool {
        hole.root == "input" && types.isArray(at: hole.path)
    }

    /// Notes what stands in a hole.
    mutating func bind(_ hole: PatternHole, to shown: JSON) {
        switch hole.root {
        case "credential":
            if let name = hole.path.first, let text = shown.string { credentials[name] = text }
        case "input":
            if let fallback = hole.fallback, fallback == shown { return }
            guard let value = hole.value(behind: shown) else { return leaveUnread() }
            set(value, at: hole.path, name: hole.name)
        default:
            break
        }
    }

    /// Notes the text that stands in a hole of a path, a query or a form, as the type that the schema wants there.
    mutating func bind(_ hole: PatternHole, toText text: String) {
        if let fallback = hole.fallback, RequestReading.text(of: fallback) == text { return }
        let isTyped = hole.root == "input" && hole.reading == .plain
        bind(hole, to: isTyped ? types.value(of: text, at: hole.path) : .string(text))
    }

    private mutating func set(_ value: JSON, at path: [String], name: String) {
        guard !path.isEmpty else {
            guard case .object(let object) = value else { return refuse("the input is no object") }
            for member in object.members { input[member.key] = member.value }
            return
        }
        let old = RequestReading.value(in: .object(input), at: path)
        if let old, RequestReading.text(of: old) != RequestReading.text(of: value) {
            return refuse("\(name) is \(JSONWriter.text(old)) in one place and \(JSONWriter.text(value)) in another")
        }
        if old == nil { input = RequestReading.setting(value, in: input, at: path[...]) }
    }

    private static func value(in value: JSON, at path: [String]) -> JSON? {
        path.reduce(value as JSON?) { $0?[$1] }
    }

    private static func setting(_ value: JSON, in object: JSONObject, at path: ArraySlice<String>) -> JSONObject {
        guard let key = path.first else { return object }
        var object = object
        let rest = path.dropFirst()
        object[key] = rest.isEmpty ? value : .object(setting(value, in: object[key]?.object ?? JSONObject(), at: rest))
        return object
    }

    /// The text that a value has in a path, a query or a form.
    private static func text(of value: JSON) -> String {
        value.string ?? JSONWriter.text(value)
    }
}
