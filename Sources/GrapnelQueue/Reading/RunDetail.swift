package import GrapnelCore

/// A run with its whole story.
package struct RunDetail: Sendable, Hashable {
    package var run: Run
    package var attempts: [Attempt]
    /// The effects of its origin, in the order of their making.
    package var effects: [EffectDetail]

    package init(run: Run, attempts: [Attempt], effects: [EffectDetail]) {
        self.run = run
        self.attempts = attempts
        self.effects = effects
    }
}
