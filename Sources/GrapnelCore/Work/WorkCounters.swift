/// The three counters of a run or an output.
package struct WorkCounters: Sendable, Hashable {
    /// Tries that ended by themselves. The default limit is 10.
    package var attempts: Int
    /// Leases that were lost: no fault of the code. Limit 20.
    package var losses: Int
    /// Tries that killed their isolate. Limit 3.
    package var deaths: Int

    package init(attempts: Int = 0, losses: Int = 0, deaths: Int = 0) {
        self.attempts = attempts
        self.losses = losses
        self.deaths = deaths
    }
}
