import GrapnelFormat

/// How far a rate has been used up: the generic cell rate algorithm (ITU-T I.371). A value without a clock; times are
/// monotonic.
struct SpentRate: Sendable, Hashable {
    /// When the rate has forgotten all requests so far.
    private(set) var until: Duration = .zero

    /// How long until one more request may go, behind so many others; zero when it may go now.
    func wait(_ rate: RateLimit, behind others: Int = 0, at now: Duration) -> Duration {
        max(until - rate.spacing * (rate.burst - 1 - others) - now, .zero)
    }

    /// A request goes.
    mutating func take(_ rate: RateLimit, at now: Duration) { until = max(until, now) + rate.spacing }

    /// A request that went was never sent.
    mutating func giveBack(_ rate: RateLimit) { until -= rate.spacing }
}

extension RateLimit {
    /// The time that one request uses up.
    var spacing: Duration { interval / count }

    /// How many requests may follow each other without a pause: a tenth of the count, at least one. A whole interval's
    /// worth at once, and then the steady rate, would be nearly twice the limit in the vendor's window.
    fileprivate var burst: Int { max(1, count / 10) }
}
