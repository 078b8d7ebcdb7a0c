/// What a step of waking parked runs did.
package struct WakingReport: Sendable, Hashable {
    /// Runs that went from parked to ready.
    package var runs: Int
    /// Whether the limit was reached: call again.
    package var hasMore: Bool

    package init(runs: Int, hasMore: Bool) {
        self.runs = runs
        self.hasMore = hasMore
    }
}
