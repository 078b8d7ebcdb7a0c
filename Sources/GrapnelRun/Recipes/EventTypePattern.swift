/// What `events:` of a trigger names: a type, or a pattern in which `*` stands for a part between dots; at the end it
/// stands for all that follows, so that `issues.*` wants `issues.opened`, and `*` wants everything.
struct EventTypePattern: Sendable, Hashable {
    /// A part between dots.
    private enum Part: Hashable {
        case exact(Substring)
        case any
    }

    private let parts: [Part]
    private let text: String

    /// The pattern that `text` spells; `nil` when it is empty, has an empty part, or a `*` beside other letters.
    init?(_ text: String) {
        self.text = text
        var parts: [Part] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            if part == "*" {
                parts.append(.any)
            } else if part.isEmpty || part.contains("*") {
                return nil
            } else {
                parts.append(.exact(part))
            }
        }
        self.parts = parts
    }

    /// The one type that it wants; `nil` when it holds a `*`.
    var exactType: String? { parts.contains(.any) ? nil : text }

    /// Whether it wants events of this type.
    func matches(_ type: String) -> Bool {
        let names = type.split(separator: ".", omittingEmptySubsequences: false)
        guard names.count >= parts.count, names.count == parts.count || parts.last == .any else { return false }
        return zip(parts, names).allSatisfy { part, name in
            switch part {
            case .any: !name.isEmpty
            case .exact(let exact): exact == name
            }
        }
    }

    /// Whether some type is wanted by both. True when in doubt.
    func overlaps(_ other: EventTypePattern) -> Bool {
        let shared = min(parts.count, other.parts.count)
        for index in 0..<shared {
            if case .exact(let left) = parts[index], case .exact(let right) = other.parts[index], left != right {
                return false
            }
        }
        if parts.count == other.parts.count { return true }
        let shorter = parts.count < other.parts.count ? parts : other.parts
        return shorter.last == .any
    }
}
