package import GrapnelCore

/// Which effects to list.
package struct EffectQuery: Sendable {
    package var connection: String?
    /// Any of these; empty means all.
    package var states: Set<EffectState>
    /// Only outputs in these delivery states; empty means all effects.
    package var deliveryStates: Set<WorkState>
    package var before: Identifier<Effect>?
    /// Default 50, at most 1,000.
    package var limit: Int

    package init(
        connection: String? = nil, states: Set<EffectState> = [], deliveryStates: Set<WorkState> = [],
        before: Identifier<Effect>? = nil, limit: Int = 50
    ) {
        self.connection = connection
        self.states = states
        self.deliveryStates = deliveryStates
        self.before = before
        self.limit = limit
    }
}
