import GrapnelCore
import Synchronization

/// Keeps account of the outputs that this node holds: planned, waiting for their connection, or sent. Bounded as a
/// whole and for each connection.
final class OutputRoom: Sendable {
    private struct Reservation {
        let connection: String
        let madeAt: Duration
        /// When the connection's gate has let it through already.
        let admission: Admission?
    }

    private struct State {
        var total = 0
        var held: [String: Int] = [:]
        /// Places of outputs whose commit is not known yet, by idempotency key.
        var reserved: [String: Reservation] = [:]
        /// What is leased, with its fence.
        var leased: [Identifier<Effect>: Int64] = [:]
        /// Connections whose outputs may wait in the queue because there was no room for them here.
        var starved: Set<String> = []
        /// Whether a claim found no room at all.
        var isCrowded = false
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

    /// Sets a place aside; `false` when there is none, and then the output waits in the queue.
    ///
    /// - Parameter admit: Goes through the connection's gate, if it lets the output through now; called only when there is
    ///   a place.
    func reserve(_ key: String, connection: String, at now: Duration, admit: () -> Admission?) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.reserved[key] == nil else { return false }
            guard state.total < limits.outputs, state.held[connection, default: 0] < limits.outputsOfConnection else {
                state.starved.insert(connection)
                return false
            }
            state.add(connection)
            state.reserved[key] = Reservation(connection: connection, madeAt: now, admission: admit())
            return true
        }
    }

    /// Gives a reserved place back; returns what its output had been let through with.
    func cancel(_ key: String) -> Admission? {
        state.withLock { state in
            guard let reservation = state.reserved.removeValue(forKey: key) else { return nil }
            state.remove(reservation.connection)
            return reservation.admission
        }
    }

    /// Gives back the places that were reserved before `time` and neither used nor given back; returns what their outputs
    /// had been let through with.
    func cancel(before time: Duration) -> [Admission] {
        state.withLock { state in
            let stale = state.reserved.filter { $0.value.madeAt < time }
            for (key, reservation) in stale {
                state.reserved[key] = nil
                state.remove(reservation.connection)
            }
            return stale.values.compactMap(\.admission)
        }
    }

    /// Takes up a leased output; returns what it has been let through its connection's gate with, if it has.
    func take(_ output: LeasedOutput) -> Admission? {
        state.withLock { state in
            state.leased[output.effect.id] = output.fence
            if let reservation = state.reserved.removeValue(forKey: output.effect.idempotencyKey) {
                return reservation.admission
            }
            state.add(output.effect.connection)
            return nil
        }
    }

    /// Lets go of a leased output; whether a claim may now take up outputs that found no room before.
    func drop(_ output: LeasedOutput) -> Bool {
        state.withLock { state in
            guard state.leased.removeValue(forKey: output.effect.id) != nil else { return false }
            let connection = output.effect.connection
            state.remove(connection)
            if state.isCrowded, state.total + min(limits.claim, limits.outputs) <= limits.outputs {
                state.isCrowded = false
                return true
            }
            guard state.starved.contains(connection), hasRoom(state.held[connection, default: 0]) else { return false }
            state.starved.remove(connection)
            return true
        }
    }

    /// Whether a connection that holds so many has room for a whole claim.
    private func hasRoom(_ held: Int) -> Bool { held + limits.claim <= limits.outputsOfConnection }

    /// What is leased, with its fence.
    var leases: [Identifier<Effect>: Int64] { state.withLock { $0.leased } }

    /// How many outputs may be claimed, and which connections hold their share already.
    func claimable() -> (count: Int, full: Set<String>) {
        state.withLock { state in
            guard !state.isClosed else { return (0, []) }
            let full = Set(state.held.filter { !hasRoom($0.value) }.keys)
            state.starved.formUnion(full)
            let count = min(limits.claim, limits.outputs - state.total)
            state.isCrowded = count <= 0
            return (count, full)
        }
    }

    /// Reserves nothing more.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// Whether nothing more is taken.
    var isClosed: Bool { state.withLock { $0.isClosed } }
}
