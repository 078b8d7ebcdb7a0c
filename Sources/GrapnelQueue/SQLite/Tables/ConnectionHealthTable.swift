import GrapnelCore

/// How connections fare: a row each, written when that changes.
struct ConnectionHealthTable {
    /// What `decode` takes, in its order.
    static let columns = "connection, failing_since, last_success, last_failure, failure"

    private let replacement: Statement

    init(_ connection: OpaquePointer) throws {
        replacement = try Statement(
            "INSERT OR REPLACE INTO connection_health (\(ConnectionHealthTable.columns)) VALUES (?, ?, ?, ?, ?)",
            on: connection)
    }

    func replace(_ health: ConnectionHealth) throws {
        try replacement.add(health.connection).add(health.failingSince).add(health.lastSuccess)
            .add(health.lastFailure).add(health.failure).run()
    }

    /// The health in `columns`.
    static func decode(_ row: Statement) -> ConnectionHealth {
        ConnectionHealth(
            connection: row.text(), failingSince: row.optionalTimestamp(), lastSuccess: row.optionalTimestamp(),
            lastFailure: row.optionalTimestamp(), failure: row.optionalText())
    }
}
