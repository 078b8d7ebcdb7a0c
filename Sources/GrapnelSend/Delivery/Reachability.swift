/// Tells a network that is gone from a vendor that is down, by what becomes of the requests of all connections. A value
/// without a clock; times are monotonic.
///
/// When several requests in a row found nobody, and none was answered between them, the hub doubts, and asks around: one
/// probe after another, of connections that were not tried lately first. One that is answered ends the doubt. When none
/// is, the hub is offline: it sends nothing but a probe now and then, until one is answered.
package struct Reachability: Sendable {
    package struct Limits: Sendable, Hashable {
        /// Requests in a row that find nobody before it doubts. Default 3.
        package var failures: Int
        /// How far apart these may be. Default 60 s.
        package var window: Duration
        /// How many places are asked before the hub is offline. Default 3.
        package var probes: Int
        /// How long one that is offline waits for its first probe. Default 5 s; it doubles with each.
        package var wait: Duration
        /// The longest between two probes. Default 60 s.
        package var longestWait: Duration

        package init(
            failures: Int = 3, window: Duration = .seconds(60), probes: Int = 3, wait: Duration = .seconds(5),
            longestWait: Duration = .seconds(60)
        ) {
            self.failures = max(1, failures)
            self.window = window
            self.probes = max(1, probes)
            self.wait = wait
            self.longestWait = longestWait
        }
    }

    /// How it stands.
    package enum State: String, Sendable, Hashable {
        /// Next: doubtful.
        case online
        /// Requests go on, and the places that can be asked are asked. Next: online, offline.
        case doubtful
        /// Nothing goes but probes. Next: online.
        case offline
    }

    /// What has changed.
    package enum Change: Sendable, Hashable {
        /// Probes are wanted from now on.
        case doubts
        /// Nothing outside can be reached.
        case wentOffline
        /// Something was reached again.
        case cameOnline
    }

    package let limits: Limits
    package private(set) var state = State.online
    /// Requests in a row that found nobody.
    private var failures = 0
    private var lastFailure: Duration = .zero
    /// Probes of this doubt, or of this time offline, that found nobody.
    private var probes = 0
    /// No doubt before this: the last one was unfounded.
    private var trustedUntil: Duration = .zero

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// A request of some connection has ended.
    package mutating func note(_ sign: ConnectionSign, at now: Duration) -> Change? {
        switch sign {
        case .nothing: return nil
        case .answered, .failed: return reach(at: now)
        case .unreachable:
            if now - lastFailure > limits.window { failures = 0 }
            failures += 1
            lastFailure = now
            guard state == .online, failures >= limits.failures, now >= trustedUntil else { return nil }
            state = .doubtful
            probes = 0
            return .doubts
        }
    }

    /// A probe has ended.
    ///
    /// - Parameters:
    ///   - isReached: Whether somebody answered.
    ///   - places: How many places there are to ask.
    package mutating func noteProbe(isReached: Bool, places: Int, at now: Duration) -> Change? {
        if isReached { return reach(at: now) }
        guard state != .online else { return nil }
        probes += 1
        guard state == .doubtful, probes >= min(limits.probes, max(places, 1)) else { return nil }
        state = .offline
        probes = 0
        return .wentOffline
    }

    /// How long until the next probe; `nil` when none is wanted.
    package var nextProbe: Duration? {
        switch state {
        case .online: nil
        case .doubtful: .zero
        case .offline: probes >= 16 ? limits.longestWait : min(limits.wait * (1 << probes), limits.longestWait)
        }
    }

    /// Which of the places is asked next, counted around.
    package var turn: Int { probes }

    private mutating func reach(at now: Duration) -> Change? {
        let before = state
        state = .online
        failures = 0
        if before == .doubtful { trustedUntil = now + limits.window }
        return before == .offline ? .cameOnline : nil
    }
}
