/// Keeps requests from a connection that fails: when half of them fail it opens, after a while it lets one through to
/// see, and closes when that one is answered. A value without a clock; times are monotonic.
package struct CircuitBreaker: Sendable {
    /// When it opens, and for how long.
    package struct Limits: Sendable, Hashable {
        /// Requests within the window before it judges. Default 20.
        package var requests: Int
        /// The share of them that must fail. Default a half.
        package var share: Double
        /// How far back it looks. Default 60 s.
        package var window: Duration
        /// How long it stays open before the first probe. Default 30 s; each probe that fails doubles it.
        package var wait: Duration
        /// The longest that it stays open between two probes. Default 10 min.
        package var longestWait: Duration

        package init(
            requests: Int = 20, share: Double = 0.5, window: Duration = .seconds(60), wait: Duration = .seconds(30),
            longestWait: Duration = .seconds(600)
        ) {
            self.requests = max(1, requests)
            self.share = share
            self.window = window
            self.wait = wait
            self.longestWait = longestWait
        }
    }

    /// How it stands.
    package enum State: String, Sendable, Hashable {
        /// Requests pass. Next: open.
        case closed
        /// None passes. Next: halfOpen, when its time is over.
        case open
        /// One passes, or is under way. Next: closed or open, by its end.
        case halfOpen = "half_open"
    }

    /// What one more request is told.
    package enum Admission: Sendable, Hashable {
        /// It may go.
        case admitted
        /// The probe is under way: ask again when it has ended.
        case probing
        /// Ask again after this time.
        case wait(Duration)
    }

    private enum Phase {
        case closed
        case open(until: Duration)
        case probing
    }

    package let limits: Limits
    private var phase = Phase.closed
    /// How long it was, or will be, open.
    private var wait: Duration
    /// Requests, and those of them that failed.
    private var counts: SlidingCounts

    package init(limits: Limits = Limits()) {
        self.limits = limits
        wait = limits.wait
        counts = SlidingCounts(window: limits.window)
    }

    package func state(at now: Duration) -> State {
        switch phase {
        case .closed: .closed
        case .open(let until): until > now ? .open : .halfOpen
        case .probing: .halfOpen
        }
    }

    /// What one more request would be told.
    package func admission(at now: Duration) -> Admission {
        switch phase {
        case .closed: .admitted
        case .open(let until): until > now ? .wait(until - now) : .admitted
        case .probing: .probing
        }
    }

    /// A request that was admitted begins; whether it is the probe.
    package mutating func begin() -> Bool {
        guard case .open = phase else { return false }
        phase = .probing
        return true
    }

    /// A request has ended.
    ///
    /// - Parameters:
    ///   - sign: What its end says.
    ///   - isProbe: What `begin` said of it. While the breaker is not closed, the ends of others are old news.
    package mutating func end(_ sign: ConnectionSign, isProbe: Bool, at now: Duration) {
        switch phase {
        case .probing:
            guard isProbe else { return }
            switch sign {
            case .answered: reset()
            case .failed, .unreachable:
                wait = min(wait * 2, limits.longestWait)
                phase = .open(until: now + wait)
            // It was never sent: the next one is the probe.
            case .nothing: phase = .open(until: now)
            }
        case .closed:
            guard sign != .nothing else { return }
            counts.add(1, sign == .answered ? 0 : 1, at: now)
            let (requests, failures) = counts.sums(at: now)
            guard sign != .answered, requests >= limits.requests,
                Double(failures) >= Double(requests) * limits.share
            else { return }
            phase = .open(until: now + wait)
        case .open: break
        }
    }

    /// Closes it and forgets everything: what failed was not the vendor.
    package mutating func reset() {
        phase = .closed
        wait = limits.wait
        counts.clear()
    }
}
