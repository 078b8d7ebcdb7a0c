package import GrapnelCore

/// Which events to list.
package struct EventQuery: Sendable {
    package var source: String?
    /// The exact type, or a pattern with `*` at a dot.
    package var type: String?
    package var onlyConflicts: Bool
    /// Only those that this run emitted.
    package var cause: Identifier<Run>?
    /// Only events older than this one: the last id of the page before.
    package var before: Identifier<Event>?
    /// Default 50, at most 1,000.
    package var limit: Int

    package init(
        source: String? = nil, type: String? = nil, onlyConflicts: Bool = false, cause: Identifier<Run>? = nil,
        before: Identifier<Event>? = nil, limit: Int = 50
    ) {
        self.source = source
        self.type = type
        self.onlyConflicts = onlyConflicts
        self.cause = cause
        self.before = before
        self.limit = limit
    }
}
