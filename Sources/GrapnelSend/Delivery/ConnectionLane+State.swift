import GrapnelCore
import GrapnelFormat

extension ConnectionLane {
    struct Place {
        let id: Int
        let isRetry: Bool
        let keys: EffectKeys
        let continuation: CheckedContinuation<Entry, Never>
    }

    struct State {
        var gate: ConnectionGate
        /// `nil` when the connection wants none.
        var breaker: CircuitBreaker?
        var budget: RetryBudget
        /// `nil` when the connection limits no keys.
        var keyed: KeyedGate?
        var calls: [Place] = []
        var outputs: [Place] = []
        var nextID = 0
        var turnsOutputsAway = false
        /// When the line is looked at again by itself: the rate or a pause is over then.
        var opensAt: Duration?

        func circuit(at now: Duration) -> CircuitBreaker.Admission { breaker?.admission(at: now) ?? .admitted }

        func isClosed(at now: Duration) -> Bool { breaker.map { $0.state(at: now) == .closed } ?? true }

        /// Whether its keys let it pass.
        func mayPass(_ keys: EffectKeys, at now: Duration) -> Bool {
            keyed.map { $0.admission(of: keys, at: now) == .admitted } ?? true
        }

        /// Which of the calls in the line goes next, if the gate lets anybody through.
        func nextCall(at now: Duration) -> Int? { calls.firstIndex { mayPass($0.keys, at: now) } }

        /// Which of the outputs goes when no call does.
        func nextOutput(at now: Duration) -> Int? {
            outputs.firstIndex { (!$0.isRetry || budget.allowsRetry(at: now)) && mayPass($0.keys, at: now) }
        }

        func hasNext(at now: Duration) -> Bool { nextCall(at: now) != nil || nextOutput(at: now) != nil }

        /// How many in the line do not wait for their keys alone.
        func waitingForAll(at now: Duration) -> Int {
            guard keyed != nil else { return calls.count + outputs.count }
            return (calls + outputs).count { mayPass($0.keys, at: now) }
        }

        /// For how long one that must wait for its keys is turned away; `nil` when it may stand in the line, or pass.
        ///
        /// - Parameter isBack: Whether it waited for its turn already.
        mutating func turnAway(
            _ kind: Kind, _ keys: EffectKeys, isBack: Bool, within patience: Duration, at now: Duration
        ) -> Duration? {
            keyed?.forget(at: now)
            if kind == .call {
                guard case .wait(let wait)? = keyed?.admission(of: keys, at: now), wait >= patience else { return nil }
                return wait
            }
            guard let others = othersBefore(keys, isBack: isBack, at: now) else { return nil }
            return keyed?.turn(of: keys, behind: others, at: now)
        }

        /// How many of the line go before an output that takes a turn for its keys; `nil` when it may stay, or pass.
        private func othersBefore(_ keys: EffectKeys, isBack: Bool, at now: Duration) -> Int? {
            guard let keyed else { return nil }
            let isAwaited = !isBack && keyed.isAwaited(keys, at: now)
            guard keyed.admission(of: keys, at: now) != .admitted || isAwaited else { return nil }
            let others = (calls + outputs).count { $0.keys.meet(keys) }
            let waiting = outputs.count { !mayPass($0.keys, at: now) }
            if !isAwaited, keyed.keeps(keys, behind: others, waiting: waiting, at: now) { return nil }
            return others
        }

        /// How long until one of the line may go because time has passed; `nil` when all wait for somebody to leave.
        func nextChance(at now: Duration) -> Duration? {
            let hasSpentBudget = outputs.contains { $0.isRetry } && !budget.allowsRetry(at: now)
            var chance = hasSpentBudget ? budget.patience : nil
            guard let keyed else { return chance }
            for place in calls + outputs {
                guard case .wait(let wait) = keyed.admission(of: place.keys, at: now) else { continue }
                chance = min(chance ?? wait, wait)
            }
            return chance
        }

        mutating func take(_ id: Int) -> Place? {
            if let index = calls.firstIndex(where: { $0.id == id }) { return calls.remove(at: index) }
            guard let index = outputs.firstIndex(where: { $0.id == id }) else { return nil }
            return outputs.remove(at: index)
        }

        /// Lets one request through, when the gate does.
        mutating func enter(
            isRetry: Bool, _ keys: EffectKeys, at now: Duration
        ) -> (ConnectionGate.Admission, Pass) {
            let admission = gate.enter(at: now)
            var pass = Pass(isProbe: false, isRetry: isRetry, keys: keys, since: now)
            if admission == .admitted {
                keyed?.enter(keys, at: now)
                pass.isProbe = breaker?.begin() ?? false
                budget.begin(isRetry: isRetry, at: now)
            }
            return (admission, pass)
        }

        /// Settles what can be settled of the line: lets through what may go now, calls first; sends all of it away when
        /// the breaker is open. The rest waits until somebody leaves, or for as long as is returned.
        mutating func advance(at now: Duration) -> (settled: [(Place, Entry)], wait: Duration?) {
            var settled: [(Place, Entry)] = []
            while !calls.isEmpty || !outputs.isEmpty {
                switch circuit(at: now) {
                case .wait(let wait):
                    settled += (calls + outputs).map { ($0, .circuitOpen(wait)) }
                    (calls, outputs) = ([], [])
                    return (settled, nil)
                case .probing:
                    settled += calls.map { ($0, .circuitOpen(ConnectionLane.probeWait)) }
                    calls = []
                    return (settled, nil)
                case .admitted: break
                }
                let call = nextCall(at: now)
                let output = call == nil ? nextOutput(at: now) : nil
                let place = call.map { calls[$0] } ?? output.map { outputs[$0] }
                // Only retries are left, and their budget is spent, or those whose keys let nobody pass.
                guard let place else { return (settled, nextChance(at: now)) }
                switch enter(isRetry: place.isRetry, place.keys, at: now) {
                case (.admitted, let pass):
                    _ = take(place.id)
                    settled.append((place, .admitted(pass)))
                case (.busy, _): return (settled, nil)
                case (.wait(let duration), _): return (settled, duration)
                }
            }
            return (settled, nil)
        }
    }
}
