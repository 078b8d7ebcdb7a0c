package import GrapnelCore

/// How many effects of one operation stand alike.
package struct EffectTally: Sendable, Hashable {
    package var connection: String
    package var operation: String
    package var effectClass: EffectClass
    package var state: EffectState
    package var count: Int

    package init(
        connection: String, operation: String, effectClass: EffectClass, state: EffectState, count: Int
    ) {
        self.connection = connection
        self.operation = operation
        self.effectClass = effectClass
        self.state = state
        self.count = count
    }
}
