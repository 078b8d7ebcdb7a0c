package import GrapnelFormat

/// Says when a connection may be used: its concurrency, its rate, the pace that its vendor has taught it, and the pause
/// that its vendor asked for.
/// A value without a clock; times are monotonic.
package struct ConnectionGate: Sendable {
    /// What the gate says to one more request.
    package enum Admission: Sendable, Hashable {
        /// Go; `leave` follows when done.
        case admitted
        /// As many as may are under way: ask again when one leaves.
        case busy
        /// Ask again after this time.
        case wait(Duration)
    }

    /// How many requests may be under way at once.
    package let concurrency: Int
    package let rate: RateLimit?
    /// How many are under way.
    package private(set) var underWay = 0
    private var spent = SpentRate()
    private var pausedUntil: Duration = .zero
    private var pace: ConnectionPace

    package init(concurrency: Int, rate: RateLimit?, pace: ConnectionPace = ConnectionPace()) {
        self.pace = pace
        self.concurrency = max(1, concurrency)
        self.rate = rate
    }

    /// What one more request would be told.
    package func admission(at now: Duration) -> Admission {
        if pausedUntil > now { return .wait(pausedUntil - now) }
        if underWay >= concurrency { return .busy }
        let wait = max(rate.map { spent.wait($0, at: now) } ?? .zero, pace.wait(at: now))
        return wait > .zero ? .wait(wait) : .admitted
    }

    /// Lets one request through, when it may go.
    package mutating func enter(at now: Duration) -> Admission {
        let admission = admission(at: now)
        guard admission == .admitted else { return admission }
        underWay += 1
        if let rate { spent.take(rate, at: now) }
        pace.enter(at: now)
        return .admitted
    }

    /// A request that was let through is done.
    ///
    /// - Parameter isTaken: Whether its vendor took it.
    package mutating func leave(isTaken: Bool, at now: Duration) {
        underWay -= 1
        pace.leave(isTaken: isTaken, at: now)
    }

    /// A request that was let through was never sent: its place and its share of the rate are free again.
    package mutating func returnUnused(at now: Duration) {
        underWay -= 1
        if let rate { spent.giveBack(rate) }
        pace.returnUnused(at: now)
    }

    /// The vendor has refused a request because it was too much; `leave` follows.
    ///
    /// - Parameters:
    ///   - pause: How long it asked to wait; zero when it did not.
    ///   - isFailing: Whether it said that by a failure of its own.
    package mutating func refuse(for pause: Duration, isFailing: Bool = false, at now: Duration) {
        pace.refuse(for: pause, underWay: underWay, isFailing: isFailing, at: now)
    }

    /// The vendor was down, and is back: it is not sent all that has gathered at once.
    package mutating func startSlowly(at now: Duration) { pace.start(at: now) }

    /// How many requests a second its vendor has taught it to send; `nil` when it has not.
    package func learnedRate(at now: Duration) -> Double? { pace.rate(at: now) }

    /// How long until one more request may go when so many others go before it, as far as times say.
    package func wait(behind others: Int, at now: Duration) -> Duration {
        var wait = max(pausedUntil - now, pace.wait(behind: others, at: now))
        if let rate { wait = max(wait, spent.wait(rate, behind: others, at: now)) }
        return wait
    }

    /// The vendor asked to wait: nothing goes before `time`.
    package mutating func pause(until time: Duration) {
        pausedUntil = max(pausedUntil, time)
    }
}
