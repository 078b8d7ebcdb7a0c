/// Learns how many requests a second a vendor takes, from those that it refuses because they are too many. A value
/// without a clock; times are monotonic.
///
/// A connection that was never refused has no pace. One that was goes on at a share of what its vendor took before,
/// comes back to that in a curve that is flat there, and then asks for more and more, until it is refused again or has
/// no pace any more (the curve is that of CUBIC, RFC 9438, on a rate). One whose vendor was down begins slowly, and
/// doubles its pace until it is refused.
package struct ConnectionPace: Sendable {
    package struct Limits: Sendable, Hashable {
        /// Requests a second to a vendor that was down. Default 10.
        package var start: Double
        /// How long until a pace has doubled that begins slowly. Default 2 s.
        package var doubling: Duration
        /// The share of what a vendor took that it is sent when it has refused something. Default 0.8.
        package var share: Double
        /// How long until it is sent as much again as it took. Default 30 s, or ten times what it asked to wait: who
        /// has to wait long for an answer to the question whether there is more asks it seldom.
        package var recovery: Duration
        /// After so many such times without a refusal there is no pace any more. Default 5.
        package var memory: Int
        /// The slowest pace, in requests a second. Default 0.1.
        package var slowest: Double
        /// The slowest pace to a vendor that refuses because it fails, in requests a second. Default 1: its circuit
        /// breaker must see enough to judge.
        package var slowestFailing: Double
        /// A pace that is no bound any more, in requests a second. Default 1,000.
        package var fastest: Double
        /// What of its pace a connection may be behind and make up for at once. Default 50 ms.
        package var grain: Duration

        package init(
            start: Double = 10, doubling: Duration = .seconds(2), share: Double = 0.8,
            recovery: Duration = .seconds(30), memory: Int = 5, slowest: Double = 0.1, slowestFailing: Double = 1,
            fastest: Double = 1000, grain: Duration = .milliseconds(50)
        ) {
            self.start = start
            self.doubling = doubling
            self.share = share
            self.recovery = recovery
            self.memory = memory
            self.slowest = slowest
            self.slowestFailing = slowestFailing
            self.fastest = fastest
            self.grain = grain
        }
    }

    private enum Phase {
        /// There is no pace. Next: rising, held.
        case free
        /// It doubles, since a time. Next: held, free.
        case rising(since: Duration)
        /// It comes back to what the vendor took, and goes beyond that, since a time. Next: held, free.
        case held(ceiling: Double, since: Duration, recovery: Duration)
    }

    /// How far back it is counted what the vendor takes. 1 s.
    private static let window = Duration.seconds(1)

    package let limits: Limits
    private var phase = Phase.free
    /// The time at which all requests so far are within the pace.
    private var spentUntil: Duration = .zero
    /// Requests that the vendor took.
    private var taken = SlidingCounts(window: ConnectionPace.window)
    /// Requests that were under way when one was refused: what becomes of them says nothing new.
    private var stale = 0

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// How many requests a second may go; `nil` when as many as want to.
    package func rate(at now: Duration) -> Double? {
        let rate: Double
        switch phase {
        case .free: return nil
        case .rising(let since):
            let age = max(now - since, .zero) / limits.doubling
            guard age < 32 else { return nil }
            // Doubled so often, and in a straight line between.
            rate = limits.start * Double(1 << Int(age)) * (1 + age.truncatingRemainder(dividingBy: 1))
        case .held(let ceiling, let since, let recovery):
            let age = max(now - since, .zero) / recovery
            guard age < Double(limits.memory) else { return nil }
            let distance = age - 1
            rate = ceiling * (1 + (1 - limits.share) * distance * distance * distance)
        }
        return rate < limits.fastest ? rate : nil
    }

    /// How long until one more request may go, behind so many others; zero when it may go now.
    package func wait(behind others: Int = 0, at now: Duration) -> Duration {
        guard let rate = rate(at: now) else { return .zero }
        let earliest = spentUntil - limits.grain + .seconds(1) / rate * others
        return max(earliest - now, .zero)
    }

    /// A request goes.
    package mutating func enter(at now: Duration) {
        guard let rate = rate(at: now) else { return }
        spentUntil = max(spentUntil, now) + .seconds(1) / rate
    }

    /// A request that went was never sent: its share of the pace is free again.
    package mutating func returnUnused(at now: Duration) {
        guard let rate = rate(at: now) else { return }
        spentUntil -= .seconds(1) / rate
    }

    /// A request has ended.
    ///
    /// - Parameter isTaken: Whether its vendor took it.
    package mutating func leave(isTaken: Bool, at now: Duration) {
        if isTaken { taken.add(1, 0, at: now) }
        stale = max(stale - 1, 0)
    }

    /// The vendor has refused a request because it was too much; `leave` follows.
    ///
    /// - Parameters:
    ///   - pause: How long it asked to wait; zero when it did not.
    ///   - underWay: Requests under way, this one too.
    ///   - isFailing: Whether it said that by a failure of its own.
    package mutating func refuse(for pause: Duration, underWay: Int, isFailing: Bool = false, at now: Duration) {
        guard stale == 0 else { return }
        stale = underWay
        let measured = Double(taken.sums(at: now).first) * (.seconds(1) / ConnectionPace.window)
        // It cannot take more than it was sent, and one bad moment says too little of it to believe in less than half.
        let ceiling = rate(at: now).map { max(min($0, measured), $0 / 2) } ?? max(measured, limits.start)
        phase = .held(
            ceiling: max(ceiling, (isFailing ? limits.slowestFailing : limits.slowest) / limits.share),
            since: now + pause, recovery: max(limits.recovery, pause * 10))
        // Nothing is made up for: the next one goes when the pause is over, and the one after it by the pace.
        spentUntil = max(spentUntil, now + pause + limits.grain)
    }

    /// The vendor was down, and is back.
    package mutating func start(at now: Duration) {
        phase = .rising(since: now)
        spentUntil = now
    }
}
