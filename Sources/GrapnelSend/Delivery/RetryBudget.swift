/// Bounds how much of what a connection is sent is sent again, so that retries do not keep down a vendor that comes up.
/// A value without a clock; times are monotonic.
///
/// A retry that succeeds is given back: it was no burden in vain, and what has gathered may drain.
package struct RetryBudget: Sendable {
    package struct Limits: Sendable, Hashable {
        /// Retries as a share of first sendings within the window. Default a fifth.
        package var share: Double
        /// Retries within the window that are always allowed: a connection that sends little retries too. Default 10.
        package var floor: Int
        /// How far back it looks. Default 1 min.
        package var window: Duration
        /// The shortest and the longest that a retry beyond the budget is put off; each waits for a time of its own
        /// between them. Default 15 s to 60 s.
        package var delay: ClosedRange<Duration>

        package init(
            share: Double = 0.2, floor: Int = 10, window: Duration = .seconds(60),
            delay: ClosedRange<Duration> = .seconds(15) ... .seconds(60)
        ) {
            self.share = share
            self.floor = floor
            self.window = window
            self.delay = delay
        }
    }

    package let limits: Limits
    /// First sendings, and retries.
    private var counts: SlidingCounts

    package init(limits: Limits = Limits()) {
        self.limits = limits
        counts = SlidingCounts(window: limits.window)
    }

    /// Whether one more retry may go.
    package func allowsRetry(at now: Duration) -> Bool {
        let (first, retries) = counts.sums(at: now)
        return retries < max(limits.floor, Int(Double(first) * limits.share))
    }

    /// When the answer may be another one, if nothing else happens.
    package var patience: Duration { counts.slice }

    /// A sending begins.
    package mutating func begin(isRetry: Bool, at now: Duration) {
        counts.add(isRetry ? 0 : 1, isRetry ? 1 : 0, at: now)
    }

    /// A sending that had begun does not count: it did not take place, or it was a retry and succeeded.
    package mutating func giveBack(isRetry: Bool, at now: Duration) {
        counts.add(isRetry ? 0 : -1, isRetry ? -1 : 0, at: now)
    }

    /// For how long a retry beyond the budget is put off.
    ///
    /// - Parameter unit: A random number in 0 ..< 1.
    package func delay(unit: Double) -> Duration {
        limits.delay.lowerBound + (limits.delay.upperBound - limits.delay.lowerBound) * unit
    }
}
