/// An event type, exact or with `*` at a dot: `issues.*` matches `issues.opened` and not `issues`.
package struct EventPattern: Sendable, Hashable, CustomStringConvertible {
    private let parts: [Substring]
    package let description: String
    /// Whether it matches one type only.
    package let isExact: Bool

    /// The pattern that `text` spells; `nil` when a part is empty or mixes `*` with letters.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && ($0 == "*" || !$0.contains("*")) }) else { return nil }
        self.parts = parts
        description = text
        isExact = !parts.contains("*")
    }

    /// Whether an event of `type` is meant. A `*` stands for one part; as the last part, for one or more.
    package func matches(_ type: String) -> Bool {
        if isExact { return type == description }
        let given = type.split(separator: ".", omittingEmptySubsequences: false)
        guard given.count >= parts.count, parts.last == "*" || given.count == parts.count else { return false }
        return zip(parts, given).allSatisfy { $0 == "*" || $0 == $1 }
    }
}
