/// A run that this node may execute: the run, its event, and the fence under which it was taken.
package struct LeasedRun: Sendable, Hashable {
    package var run: Run
    package var event: Event
    /// Rises with every claim; every later write carries it.
    package var fence: Int64
    /// Whether the ledger holds an effect of this run's origin: then the attempt keeps the run's version, else it
    /// takes the recipe's active one.
    package var hasEffects: Bool
    /// The events that it handles together, in the order of their acceptance, `event` first; empty for one event.
    package var batch: [Event]

    package init(run: Run, event: Event, fence: Int64, hasEffects: Bool, batch: [Event] = []) {
        self.run = run
        self.event = event
        self.fence = fence
        self.hasEffects = hasEffects
        self.batch = batch
    }
}
