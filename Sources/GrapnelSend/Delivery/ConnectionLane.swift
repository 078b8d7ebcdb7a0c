package import GrapnelCore
import Synchronization

/// The gate of one connection, shared by the calls and the outputs that want through it.
///
/// Both wait in line; calls go first, because a handler waits for them.
package final class ConnectionLane: Sendable {
    /// Who wants through.
    package enum Kind: Sendable {
        case call, output
    }

    private struct Place {
        let id: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var gate: ConnectionGate
        var calls: [Place] = []
        var outputs: [Place] = []
        var nextID = 0
        var turnsOutputsAway = false
        /// When the line is looked at again by itself: the rate or a pause is over then.
        var opensAt: Duration?

        var hasLine: Bool { !calls.isEmpty || !outputs.isEmpty }

        mutating func take(_ id: Int) -> Place? {
            if let index = calls.firstIndex(where: { $0.id == id }) { return calls.remove(at: index) }
            guard let index = outputs.firstIndex(where: { $0.id == id }) else { return nil }
            return outputs.remove(at: index)
        }

        /// Lets through from the line what may go now; calls first. The rest waits until somebody leaves, or for as
        /// long as is returned.
        mutating func advance(at now: Duration) -> (admitted: [Place], wait: Duration?) {
            var admitted: [Place] = []
            while hasLine {
                switch gate.enter(at: now) {
                case .admitted: admitted.append(calls.isEmpty ? outputs.removeFirst() : calls.removeFirst())
                case .busy: return (admitted, nil)
                case .wait(let duration): return (admitted, duration)
                }
            }
            return (admitted, nil)
        }
    }

    private let state: Mutex<State>
    private let clock: any HubClock

    /// - Parameters:
    ///   - gate: What lets through.
    ///   - clock: Its monotonic time is the gate's.
    package init(gate: ConnectionGate, clock: any HubClock) {
        state = Mutex(State(gate: gate))
        self.clock = clock
    }

    /// Lets an output through, when it may go now.
    package func tryEnter() -> ConnectionGate.Admission {
        let now = clock.monotonic()
        return state.withLock { $0.hasLine ? .busy : $0.gate.enter(at: now) }
    }

    /// What an output would be told now.
    package func admission() -> ConnectionGate.Admission {
        let now = clock.monotonic()
        return state.withLock { $0.hasLine ? .busy : $0.gate.admission(at: now) }
    }

    /// Whether the rate, or the pause that the vendor asked for, lets nothing through for longer than `patience`.
    package func isShut(for patience: Duration) -> Bool {
        let now = clock.monotonic()
        guard case .wait(let duration) = state.withLock({ $0.gate.admission(at: now) }) else { return false }
        return duration > patience
    }

    /// Waits to be let through; `false` when that does not come to pass within `patience`.
    package func enter(as kind: Kind, within patience: Duration) async -> Bool {
        let now = clock.monotonic()
        let answer: Bool? = state.withLock { state in
            if kind == .output, state.turnsOutputsAway { return false }
            if case .wait(let duration) = state.gate.admission(at: now), duration >= patience { return false }
            return !state.hasLine && state.gate.enter(at: now) == .admitted ? true : nil
        }
        if let answer { return answer }
        return patience > .zero ? await standInLine(as: kind, for: patience) : false
    }

    private func standInLine(as kind: Kind, for patience: Duration) async -> Bool {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        // A timer beside the line; it is cancelled when the place comes up.
        let timer = Task { [clock] in
            guard (try? await clock.sleep(for: patience)) != nil else { return }
            state.withLock { $0.take(id) }?.continuation.resume(returning: false)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            change { state in
                let place = Place(id: id, continuation: continuation)
                if kind == .call { state.calls.append(place) } else { state.outputs.append(place) }
            }
        }
    }

    /// A request is done.
    package func leave() { change { $0.gate.leave() } }

    /// A request was let through but never sent.
    package func returnUnused() { change { $0.gate.returnUnused() } }

    /// The vendor asked to wait.
    package func pause(for duration: Duration) {
        let until = clock.monotonic() + min(duration, RetryPolicy.longestRetryAfter)
        change { $0.gate.pause(until: until) }
    }

    /// Changes what the line depends on, and lets through what may go then. Every change comes by here, so nobody in
    /// the line waits for a call that does not come.
    private func change(_ body: (inout State) -> Void) {
        let now = clock.monotonic()
        let (admitted, wait): ([Place], Duration?) = state.withLock { state in
            body(&state)
            let (admitted, wait) = state.advance(at: now)
            guard let wait, state.opensAt.map({ $0 > now + wait || $0 <= now }) ?? true else { return (admitted, nil) }
            state.opensAt = now + wait
            return (admitted, wait)
        }
        for place in admitted { place.continuation.resume(returning: true) }
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
        for place in outputs { place.continuation.resume(returning: false) }
    }
}
