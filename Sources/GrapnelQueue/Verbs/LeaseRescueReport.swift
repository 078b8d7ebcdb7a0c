package import GrapnelCore

/// What a rescue did.
package struct LeaseRescueReport: Sendable, Hashable {
    /// Runs that went back to ready, or died of too many losses.
    package var runs: Int
    /// Outputs that went back to ready, were parked, or died.
    package var outputs: Int
    /// Effects that went from in_flight to unknown.
    package var unknownEffects: Int
    /// What gave up or waits for a human, to be told.
    package var notices: [Notice]
    /// Whether the limit was reached: call again.
    package var hasMore: Bool

    package init(
        runs: Int = 0, outputs: Int = 0, unknownEffects: Int = 0, notices: [Notice] = [], hasMore: Bool = false
    ) {
        self.runs = runs
        self.outputs = outputs
        self.unknownEffects = unknownEffects
        self.notices = notices
        self.hasMore = hasMore
    }
}
