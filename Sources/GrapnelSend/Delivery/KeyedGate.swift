package import GrapnelFormat

/// Says when an effect may go as far as its keys are concerned: the rate and the concurrency of each key of a
/// connection. A value without a clock; times are monotonic.
///
/// An output that must wait for its key does not stay: it is given a turn, a time at which its key will be free, and goes
/// back to the queue until then. So those of one key take up no places that those of others could have, and each is
/// looked at about once, however many wait.
package struct KeyedGate: Sendable {
    package struct Limits: Sendable, Hashable {
        /// Keys that are remembered at a time; one is forgotten when it is as if nothing had been sent. Default 10,000.
        /// An effect with one more waits until another is forgotten.
        package var keys: Int
        /// Outputs that stay all the same, because their turn is near. Default 16, of all keys together.
        package var outputs: Int
        /// How near that is. Default 1 s.
        package var patience: Duration
        /// Outputs that wait no longer than this for their rate stay, however many they are. Default 100 ms: who comes at
        /// its turn finds the one before it a little late.
        package var grain: Duration
        /// The farthest turn that is given: who has one is asked again then. Default 1 h.
        package var farthest: Duration

        package init(
            keys: Int = 10_000, outputs: Int = 16, patience: Duration = .seconds(1),
            grain: Duration = .milliseconds(100), farthest: Duration = .seconds(3600)
        ) {
            self.grain = grain
            self.keys = keys
            self.outputs = outputs
            self.patience = patience
            self.farthest = farthest
        }
    }

    /// How a key stands.
    private struct Standing {
        var spent = SpentRate()
        var underWay = 0
        /// The last turn that was given.
        var lastTurn: Duration = .zero

        /// When nothing of it needs to be remembered, unless something is under way.
        var idleAt: Duration { max(spent.until, lastTurn) }
    }

    /// The keys of one rule.
    private struct Board {
        var standings: [String: Standing] = [:]
        /// Idle keys are looked for when there are so many.
        private var sweepAt = 64
        /// When there may be room again, while there is none.
        private var fullUntil: Duration = .zero

        /// Forgets idle keys now and then.
        mutating func forget(most: Int, at now: Duration) {
            guard standings.count >= min(sweepAt, most), fullUntil <= now else { return }
            standings = standings.filter { $0.value.underWay > 0 || $0.value.idleAt > now }
            sweepAt = max(64, standings.count * 2)
            guard standings.count >= most else { return }
            // What is under way ends sooner or later.
            fullUntil = standings.values.map { max($0.idleAt, now + .milliseconds(100)) }.min() ?? now
        }

        /// How long a key waits that is not remembered.
        func room(most: Int, at now: Duration) -> Duration {
            standings.count < most ? .zero : max(fullUntil - now, .milliseconds(1))
        }
    }

    /// How long a request takes, as long as none has ended. 1 s.
    private static let firstGuess = Duration.seconds(1)

    private let rate: RateLimit?
    private let concurrency: Int?
    package let limits: Limits
    private var rates = Board()
    private var places = Board()
    /// How long a request takes, smoothed.
    private var took = KeyedGate.firstGuess

    package init(rate: RateLimit?, concurrency: Int?, limits: Limits = Limits()) {
        self.rate = rate
        self.concurrency = concurrency
        self.limits = limits
    }

    /// The gate of what a connection says of its keys; `nil` when it says nothing.
    package init?(_ flow: ConnectionFlow, limits: Limits = Limits()) {
        guard flow.limitsKeys else { return nil }
        self.init(rate: flow.rate?.limit, concurrency: flow.concurrency?.limit, limits: limits)
    }

    /// How many keys are remembered.
    package var count: Int { rates.standings.count + places.standings.count }

    /// What one more request with these keys would be told.
    package func admission(of keys: EffectKeys, at now: Duration) -> ConnectionGate.Admission {
        if let (rate, standing) = standing(ofRate: keys) {
            let wait = standing?.spent.wait(rate, at: now) ?? rates.room(most: limits.keys, at: now)
            if wait > .zero { return .wait(wait) }
        }
        if let (limit, standing) = standing(ofConcurrency: keys) {
            guard let standing else {
                let wait = places.room(most: limits.keys, at: now)
                return wait > .zero ? .wait(wait) : .admitted
            }
            if standing.underWay >= limit { return .busy }
        }
        return .admitted
    }

    /// Whether others have been given a turn that is to come: who comes now goes behind them.
    package func isAwaited(_ keys: EffectKeys, at now: Duration) -> Bool {
        let turns = [standing(ofRate: keys)?.1?.lastTurn, standing(ofConcurrency: keys)?.1?.lastTurn]
        return turns.contains { $0.map { $0 > now } ?? false }
    }

    /// How long one with these keys waits when so many others, with one of them, go before it.
    package func wait(of keys: EffectKeys, behind others: Int, at now: Duration) -> Duration {
        var wait = Duration.zero
        if let (rate, standing) = standing(ofRate: keys) {
            wait = standing?.spent.wait(rate, behind: others, at: now) ?? rates.room(most: limits.keys, at: now)
        }
        if let (limit, standing) = standing(ofConcurrency: keys) {
            let before = others + max((standing?.underWay ?? 0) + 1 - limit, 0)
            wait = max(wait, standing == nil ? places.room(most: limits.keys, at: now) : took * before / limit)
        }
        return wait
    }

    /// Whether an output that has to wait stays for its turn, because that is near.
    ///
    /// - Parameters:
    ///   - others: How many with one of its keys stand in the line.
    ///   - waiting: How many outputs stand in the line for their keys.
    package func keeps(_ keys: EffectKeys, behind others: Int, waiting: Int, at now: Duration) -> Bool {
        let wait = wait(of: keys, behind: others, at: now)
        guard wait > limits.grain || admission(of: keys, at: now) == .busy else { return true }
        return waiting < limits.outputs && wait <= limits.patience
    }

    /// Gives an output its turn behind all others that were given one; returns how long until then.
    ///
    /// - Parameter others: How many with one of its keys stand in the line.
    package mutating func turn(of keys: EffectKeys, behind others: Int, at now: Duration) -> Duration {
        var turn = now + wait(of: keys, behind: others, at: now)
        if case (let rate, let standing?)? = standing(ofRate: keys) {
            turn = max(turn, standing.lastTurn + rate.spacing)
        }
        if case (let limit, let standing?)? = standing(ofConcurrency: keys) {
            turn = max(turn, standing.lastTurn + took / limit)
        }
        turn = min(turn, now + limits.farthest)
        if let key = keys.rate { rates.standings[key]?.lastTurn = turn }
        if let key = keys.concurrency { places.standings[key]?.lastTurn = turn }
        return turn - now
    }

    /// Forgets keys of which nothing needs to be remembered, now and then.
    package mutating func forget(at now: Duration) {
        rates.forget(most: limits.keys, at: now)
        places.forget(most: limits.keys, at: now)
    }

    /// A request goes.
    package mutating func enter(_ keys: EffectKeys, at now: Duration) {
        if let rate, let key = keys.rate { rates.standings[key, default: Standing()].spent.take(rate, at: now) }
        if concurrency != nil, let key = keys.concurrency { places.standings[key, default: Standing()].underWay += 1 }
    }

    /// A request that went is done.
    ///
    /// - Parameter took: How long it was under way.
    package mutating func leave(_ keys: EffectKeys, took: Duration) {
        guard let key = keys.concurrency else { return }
        self.took = max((self.took * 7 + took) / 8, .milliseconds(1))
        freePlace(of: key)
    }

    /// A request that went was never sent: its places and its shares are free again.
    package mutating func returnUnused(_ keys: EffectKeys) {
        if let rate, let key = keys.rate { rates.standings[key]?.spent.giveBack(rate) }
        if let key = keys.concurrency { freePlace(of: key) }
    }

    private mutating func freePlace(of key: String) {
        guard let standing = places.standings[key], standing.underWay > 0 else { return }
        places.standings[key]?.underWay -= 1
    }

    private func standing(ofRate keys: EffectKeys) -> (RateLimit, Standing?)? {
        guard let rate, let key = keys.rate else { return nil }
        return (rate, rates.standings[key])
    }

    private func standing(ofConcurrency keys: EffectKeys) -> (Int, Standing?)? {
        guard let concurrency, let key = keys.concurrency else { return nil }
        return (concurrency, places.standings[key])
    }
}
