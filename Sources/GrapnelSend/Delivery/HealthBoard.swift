import GrapnelCore
import Synchronization

/// How each connection fares, as far as this node knows.
final class HealthBoard: Sendable {
    private let limits: HealthRecord.Limits
    private let records = Mutex<[String: HealthRecord]>([:])

    init(limits: HealthRecord.Limits) {
        self.limits = limits
    }

    /// Takes up what the store has.
    func take(_ kept: [ConnectionHealth]) {
        records.withLock { records in
            for health in kept where records[health.connection] == nil {
                records[health.connection] = HealthRecord(health)
            }
        }
    }

    /// Takes note of the end of a request.
    ///
    /// - Returns: What should be kept now, and whether the connection has failed for too long. It is then given as much
    ///   time again.
    func note(
        _ sign: ConnectionSign, failure: String?, of connection: String, now: Timestamp
    ) -> (kept: ConnectionHealth?, hopeless: ConnectionHealth?) {
        records.withLock { records in
            var record = records[connection] ?? HealthRecord(ConnectionHealth(connection: connection))
            let isWorthKeeping = record.note(sign, failure: failure, now: now, limits: limits)
            let health = record.health
            let isHopeless = record.isHopeless(now: now, limits: limits)
            if isHopeless { record.startOver() }
            records[connection] = record
            return (isHopeless || isWorthKeeping ? record.health : nil, isHopeless ? health : nil)
        }
    }

    /// How each connection fares.
    var all: [String: ConnectionHealth] { records.withLock { $0.mapValues(\.health) } }
}
