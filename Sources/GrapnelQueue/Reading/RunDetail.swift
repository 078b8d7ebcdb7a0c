package import GrapnelCore

/// A run with its whole story.
package struct RunDetail: Sendable, Hashable {
    package var run: Run
    package var attempts: [Attempt]
    /// The effects of its origin, in the order of their making.
    package var effects: [EffectDetail]
    /// The events that it handles together, in the order of their acceptance; empty for one event.
    package var batch: [Identifier<Event>]
    /// The run that must end before this one is due, when its line holds it.
    package var heldBy: Identifier<Run>?

    package init(
        run: Run, attempts: [Attempt], effects: [EffectDetail], batch: [Identifier<Event>] = [],
        heldBy: Identifier<Run>? = nil
    ) {
        self.run = run
        self.attempts = attempts
        self.effects = effects
        self.batch = batch
        self.heldBy = heldBy
    }
}
