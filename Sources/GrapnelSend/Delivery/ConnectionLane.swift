import GrapnelCore
import Synchronization

/// The gate of one connection, shared by the calls and the outputs that want through it.
///
/// Both wait in line; calls go first, because a handler waits for them.
final class ConnectionLane: Sendable {
    /// Who wants through.
    enum Kind: Sendable {
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

        var hasLine: Bool { !calls.isEmpty || !outputs.isEmpty }

        mutating func takeNext() -> Place? {
            if !calls.isEmpty { return calls.removeFirst() }
            return outputs.isEmpty ? nil : outputs.removeFirst()
        }

        mutating func take(_ id: Int) -> Place? {
            if let index = calls.firstIndex(where: { $0.id == id }) { return calls.remove(at: index) }
            guard let index = outputs.firstIndex(where: { $0.id == id }) else { return nil }
            return outputs.remove(at: index)
        }
    }

    private let state: Mutex<State>
    private let clock: any HubClock

    init(gate: ConnectionGate, clock: any HubClock) {
        state = Mutex(State(gate: gate))
        self.clock = clock
    }

    /// Lets an output through, when it may go now.
    func tryEnter() -> ConnectionGate.Admission {
        let now = clock.monotonic()
        return state.withLock { $0.hasLine ? .busy : $0.gate.enter(at: now) }
    }

    /// What an output would be told now.
    func admission() -> ConnectionGate.Admission {
        let now = clock.monotonic()
        return state.withLock { $0.hasLine ? .busy : $0.gate.admission(at: now) }
    }

    /// Whether the rate, or the pause that the vendor asked for, lets nothing through for longer than `patience`.
    func isShut(for patience: Duration) -> Bool {
        let now = clock.monotonic()
        guard case .wait(let duration) = state.withLock({ $0.gate.admission(at: now) }) else { return false }
        return duration > patience
    }

    /// Waits to be let through; `false` when that does not come to pass within `patience`.
    func enter(as kind: Kind, within patience: Duration) async -> Bool {
        let deadline = clock.monotonic() + patience
        var wasCalled = false
        while true {
            let now = clock.monotonic()
            // Who has been called up from the line goes before those that still stand in it.
            let admission: ConnectionGate.Admission? = state.withLock { state in
                if kind == .output, state.turnsOutputsAway { return nil }
                return state.hasLine && !wasCalled ? .busy : state.gate.enter(at: now)
            }
            switch admission {
            case .admitted: return true
            case .wait(let duration):
                guard now + duration < deadline, (try? await clock.sleep(for: duration)) != nil else { return false }
            case .busy:
                guard now < deadline, await standInLine(as: kind, for: deadline - now) else { return false }
                wasCalled = true
            case nil: return false
            }
        }
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
            let isFree = state.withLock { state in
                // A place may have come free since it was looked for, and nobody would call.
                if state.gate.underWay < state.gate.concurrency, !state.hasLine { return true }
                let place = Place(id: id, continuation: continuation)
                if kind == .call { state.calls.append(place) } else { state.outputs.append(place) }
                return false
            }
            if isFree { continuation.resume(returning: true) }
        }
    }

    /// A request is done.
    func leave() {
        callNext { $0.leave() }
    }

    /// A request was let through but never sent.
    func returnUnused() {
        callNext { $0.returnUnused() }
    }

    private func callNext(_ change: (inout ConnectionGate) -> Void) {
        let next = state.withLock { state in
            change(&state.gate)
            return state.takeNext()
        }
        next?.continuation.resume(returning: true)
    }

    /// The vendor asked to wait.
    func pause(for duration: Duration) {
        let until = clock.monotonic() + min(duration, RetryPolicy.longestRetryAfter)
        state.withLock { $0.gate.pause(until: until) }
    }

    /// Lets no output through any more, those in line included.
    func turnOutputsAway() {
        let outputs = state.withLock { state in
            defer { state.outputs = [] }
            state.turnsOutputsAway = true
            return state.outputs
        }
        for place in outputs { place.continuation.resume(returning: false) }
    }
}
