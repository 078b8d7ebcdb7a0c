package import GrapnelCore

/// Which runs to list.
package struct RunQuery: Sendable {
    package var recipe: String?
    /// Any of these; empty means all.
    package var states: Set<WorkState>
    package var before: Identifier<Run>?
    /// Default 50, at most 1,000.
    package var limit: Int

    package init(
        recipe: String? = nil, states: Set<WorkState> = [], before: Identifier<Run>? = nil, limit: Int = 50
    ) {
        self.recipe = recipe
        self.states = states
        self.before = before
        self.limit = limit
    }
}
