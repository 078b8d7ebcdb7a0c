package import GrapnelCore
package import GrapnelFormat
import Synchronization

/// The gate of one connection, with its circuit breaker and its retry budget, shared by the calls and the outputs that
/// want through it.
///
/// Both wait in line; calls go first, because a handler waits for them, and retries stand aside when their budget is
/// spent. Who waits for his key alone is passed by those of other keys. While the breaker is open nobody waits.
package final class ConnectionLane: Sendable {
    /// Who wants through.
    package enum Kind: Sendable {
        case call, output
        /// An output that was sent before.
        case retry
    }

    /// What came of wanting through.
    package enum Entry: Sendable, Hashable {
        /// Go; `leave` follows when done.
        case admitted(Pass)
        /// It did not come to pass in time. The vendor, or the rate, lets nothing through for as long as is said.
        case turnedAway(for: Duration?)
        /// Too many retries already.
        case overBudget
        /// The connection fails, and is left alone for this time.
        case circuitOpen(Duration)
    }

    /// What an admitted request carries, and gives back when it is done.
    package struct Pass: Sendable, Hashable {
        /// Whether its end decides about the circuit breaker.
        package var isProbe: Bool
        package var isRetry: Bool
        /// What it counts for.
        package var keys: EffectKeys
        /// When it was admitted.
        package var since: Duration

        package init(isProbe: Bool, isRetry: Bool, keys: EffectKeys = .none, since: Duration = .zero) {
            self.isProbe = isProbe
            self.isRetry = isRetry
            self.keys = keys
            self.since = since
        }
    }

    /// How the lane stands, to be shown.
    package struct View: Sendable, Hashable {
        package var breaker: CircuitBreaker.State
        package var underWay: Int
        /// How long nothing goes through: because the breaker is open, or because the vendor asked to wait.
        package var wait: Duration?
        /// Requests a second that its vendor takes, as far as its refusals have taught; `nil` without any.
        package var pace: Double?
    }

    /// How long a call is told to wait while a probe is under way. 5 s.
    static let probeWait = Duration.seconds(5)

    private let state: Mutex<State>
    private let clock: any HubClock

    /// - Parameters:
    ///   - gate: What lets through.
    ///   - breaker: What closes the lane when the vendor fails; `nil`: nothing does.
    ///   - budget: How much is sent again.
    ///   - keyed: What the connection says of keys; `nil`: nothing.
    ///   - clock: Its monotonic time is theirs.
    package init(
        gate: ConnectionGate, breaker: CircuitBreaker? = CircuitBreaker(), budget: RetryBudget = RetryBudget(),
        keyed: KeyedGate? = nil, clock: any HubClock
    ) {
        state = Mutex(State(gate: gate, breaker: breaker, budget: budget, keyed: keyed))
        self.clock = clock
    }

    /// Lets an output through that was not sent before, when it may go now. Never a probe: that one waits for its turn.
    package func tryEnter(_ keys: EffectKeys = .none) -> Pass? {
        let now = clock.monotonic()
        return state.withLock { state in
            guard state.isClosed(at: now), !state.hasNext(at: now), state.mayPass(keys, at: now) else { return nil }
            guard case (.admitted, let pass) = state.enter(isRetry: false, keys, at: now) else { return nil }
            return pass
        }
    }

    /// Whether an output that was not in hand before has to wait for its keys.
    package func isTaken(_ keys: EffectKeys) -> Bool {
        guard keys != .none else { return false }
        let now = clock.monotonic()
        return state.withLock { state in
            !state.mayPass(keys, at: now) || state.keyed?.isAwaited(keys, at: now) == true
        }
    }

    /// Whether the breaker, the rate, the pace, or the pause that the vendor asked for, lets nobody through for longer
    /// than `patience` who comes behind those in the line.
    package func isShut(for patience: Duration) -> Bool {
        let now = clock.monotonic()
        return state.withLock { state in
            guard state.circuit(at: now) == .admitted else { return true }
            return state.gate.wait(behind: state.waitingForAll(at: now), at: now) > patience
        }
    }

    /// How it stands.
    package func view() -> View {
        let now = clock.monotonic()
        return state.withLock { state in
            var wait: Duration?
            if case .wait(let duration) = state.circuit(at: now) {
                wait = duration
            } else if case .wait(let duration) = state.gate.admission(at: now) {
                wait = duration
            }
            return View(
                breaker: state.breaker?.state(at: now) ?? .closed, underWay: state.gate.underWay, wait: wait,
                pace: state.gate.learnedRate(at: now))
        }
    }

    /// For how long a retry beyond the budget is put off.
    ///
    /// - Parameter unit: A random number in 0 ..< 1.
    package func retryDelay(unit: Double) -> Duration { state.withLock { $0.budget.delay(unit: unit) } }

    /// Waits to be let through, for `patience` at most.
    ///
    /// - Parameters:
    ///   - kind: Who wants through.
    ///   - keys: What it counts for.
    ///   - isBack: Whether it is an output that was turned away before, and has waited.
    ///   - patience: How long it waits.
    package func enter(
        as kind: Kind, _ keys: EffectKeys = .none, isBack: Bool = false, within patience: Duration
    ) async -> Entry {
        let now = clock.monotonic()
        let answer: Entry? = state.withLock { state in
            if kind != .call, state.turnsOutputsAway { return .turnedAway(for: nil) }
            switch state.circuit(at: now) {
            case .wait(let wait): return .circuitOpen(wait)
            case .probing where kind == .call: return .circuitOpen(ConnectionLane.probeWait)
            case .probing: return nil
            case .admitted: break
            }
            if case .wait(let duration) = state.gate.admission(at: now), duration >= patience {
                return .turnedAway(for: duration)
            }
            if let wait = state.turnAway(kind, keys, isBack: isBack, within: patience, at: now) {
                return .turnedAway(for: wait)
            }
            if kind == .retry, !state.budget.allowsRetry(at: now) { return nil }
            guard !state.hasNext(at: now), state.mayPass(keys, at: now),
                case (.admitted, let pass) = state.enter(isRetry: kind == .retry, keys, at: now)
            else { return nil }
            return .admitted(pass)
        }
        if let answer { return answer }
        return patience > .zero ? await standInLine(as: kind, keys, for: patience) : timeout(of: kind)
    }

    private func standInLine(as kind: Kind, _ keys: EffectKeys, for patience: Duration) async -> Entry {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        // A timer beside the line; it is cancelled when the place comes up.
        var timer: Task<Void, Never>?
        defer { timer?.cancel() }
        return await withCheckedContinuation { continuation in
            change { state in
                let place = Place(id: id, isRetry: kind == .retry, keys: keys, continuation: continuation)
                if kind == .call { state.calls.append(place) } else { state.outputs.append(place) }
            }
            // Only now: one that ends at once must find the place.
            timer = Task {
                guard (try? await clock.sleep(for: patience)) != nil else { return }
                state.withLock { $0.take(id) }?.continuation.resume(returning: timeout(of: kind))
            }
        }
    }

    /// Why somebody whose time is over was not let through.
    private func timeout(of kind: Kind) -> Entry {
        let now = clock.monotonic()
        return state.withLock { state in
            if kind == .retry, !state.budget.allowsRetry(at: now) { return .overBudget }
            guard case .wait(let duration) = state.gate.admission(at: now) else { return .turnedAway(for: nil) }
            return .turnedAway(for: duration)
        }
    }

    /// A request is done.
    ///
    /// - Parameters:
    ///   - sign: What its end says about the connection.
    ///   - refusal: How long the vendor asked to wait when it refused the request as too much; zero when it only
    ///     refused it, `nil` when it did not.
    package func leave(_ pass: Pass, _ sign: ConnectionSign, refusal: Duration? = nil) {
        let now = clock.monotonic()
        change { state in
            let wasClosed = state.isClosed(at: now)
            state.breaker?.end(sign, isProbe: pass.isProbe, at: now)
            if !wasClosed, state.isClosed(at: now) { state.gate.startSlowly(at: now) }
            if let refusal {
                let pause = min(refusal, RetryPolicy.longestRetryAfter)
                state.gate.pause(until: now + pause)
                state.gate.refuse(for: pause, isFailing: sign != .answered, at: now)
            }
            state.gate.leave(isTaken: sign == .answered && refusal == nil, at: now)
            state.keyed?.leave(pass.keys, took: now - pass.since)
            if pass.isRetry, sign == .answered { state.budget.giveBack(isRetry: true, at: now) }
        }
    }

    /// A request was let through but never sent.
    package func returnUnused(_ pass: Pass) {
        let now = clock.monotonic()
        change { state in
            state.gate.returnUnused(at: now)
            state.keyed?.returnUnused(pass.keys)
            state.breaker?.end(.nothing, isProbe: pass.isProbe, at: now)
            state.budget.giveBack(isRetry: pass.isRetry, at: now)
        }
    }

    /// The failures so far were not the vendor's: the breaker closes, and what has gathered begins slowly.
    package func forgetFailures() {
        let now = clock.monotonic()
        change { state in
            state.breaker?.reset()
            state.gate.startSlowly(at: now)
        }
    }

    /// Changes what the line depends on, and lets through what may go then. Every change comes by here, so nobody in
    /// the line waits for a call that does not come.
    private func change(_ body: (inout State) -> Void) {
        let now = clock.monotonic()
        let (settled, wait): ([(Place, Entry)], Duration?) = state.withLock { state in
            body(&state)
            let (settled, wait) = state.advance(at: now)
            guard let wait, state.opensAt.map({ $0 > now + wait || $0 <= now }) ?? true else { return (settled, nil) }
            state.opensAt = now + wait
            return (settled, wait)
        }
        for (place, entry) in settled { place.continuation.resume(returning: entry) }
        guard let wait else { return }
        Task { [clock] in
            // The task may begin late.
            guard (try? await clock.sleep(for: now + wait - clock.monotonic())) != nil else { return }
            change { if $0.opensAt == now + wait { $0.opensAt = nil } }
        }
    }

    /// Lets no output through any more, those in line included.
    package func turnOutputsAway() {
        let outputs = state.withLock { state in
            defer { state.outputs = [] }
            state.turnsOutputsAway = true
            return state.outputs
        }
        for place in outputs { place.continuation.resume(returning: .turnedAway(for: nil)) }
    }
}

extension EffectKeys {
    /// Whether an effect with these keys and one with others go by one of them together.
    func meet(_ other: EffectKeys) -> Bool {
        (rate != nil && rate == other.rate) || (concurrency != nil && concurrency == other.concurrency)
    }
}
