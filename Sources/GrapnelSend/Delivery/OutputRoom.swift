import GrapnelCore
import Synchronization

/// Keeps account of the outputs that this node holds: planned, waiting for their connection, or sent. Bounded as a
/// whole and for each connection.
final class OutputRoom: Sendable {
    private struct Reservation {
        let connection: String
        let madeAt: Duration
    }

    private struct State {
        var total = 0
        var held: [String: Int] = [:]
        /// Places of outputs whose commit is not known yet, by idempotency key.
        var reserved: [String: Reservation] = [:]
        /// What is leased, with its fence.
        var leased: [Identifier<Effect>: Int64] = [:]
        var isClosed = false

        mutating func add(_ connection: String) {
            total += 1
            held[connection, default: 0] += 1
        }

        mutating func remove(_ connection: String) {
            total -= 1
            let rest = held[connection, default: 1] - 1
            held[connection] = rest == 0 ? nil : rest
        }
    }

    private let limits: SendLimits
    private let state = Mutex(State())

    init(limits: SendLimits) {
        self.limits = limits
    }

    /// Sets a place aside; `false` when there is none.
    func reserve(_ key: String, connection: String, at now: Duration) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.total < limits.outputs,
                state.held[connection, default: 0] < limits.outputsOfConnection, state.reserved[key] == nil
            else { return false }
            state.add(connection)
            state.reserved[key] = Reservation(connection: connection, madeAt: now)
            return true
        }
    }

    /// Gives a reserved place back; `false` when it was not reserved.
    func cancel(_ key: String) -> Bool {
        state.withLock { state in
            guard let reservation = state.reserved.removeValue(forKey: key) else { return false }
            state.remove(reservation.connection)
            return true
        }
    }

    /// Gives back the places that were reserved before `time` and neither used nor given back; returns their
    /// connections.
    func cancel(before time: Duration) -> [String] {
        state.withLock { state in
            let stale = state.reserved.filter { $0.value.madeAt < time }
            for (key, reservation) in stale {
                state.reserved[key] = nil
                state.remove(reservation.connection)
            }
            return stale.values.map(\.connection)
        }
    }

    /// Takes up a leased output; whether a place was reserved for it.
    func take(_ output: LeasedOutput) -> Bool {
        state.withLock { state in
            state.leased[output.effect.id] = output.fence
            if state.reserved.removeValue(forKey: output.effect.idempotencyKey) != nil { return true }
            state.add(output.effect.connection)
            return false
        }
    }

    /// Lets go of a leased output.
    func drop(_ output: LeasedOutput) {
        state.withLock { state in
            guard state.leased.removeValue(forKey: output.effect.id) != nil else { return }
            state.remove(output.effect.connection)
        }
    }

    /// What is leased, with its fence.
    var leases: [Identifier<Effect>: Int64] { state.withLock { $0.leased } }

    /// How many outputs may be claimed, and which connections hold their share already.
    func claimable() -> (count: Int, full: Set<String>) {
        state.withLock { state in
            guard !state.isClosed else { return (0, []) }
            let full = state.held.filter { $0.value + limits.claim > limits.outputsOfConnection }
            return (min(limits.claim, limits.outputs - state.total), Set(full.keys))
        }
    }

    /// Reserves nothing more.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// Whether nothing more is taken.
    var isClosed: Bool { state.withLock { $0.isClosed } }
}
