import GrapnelCore

/// Origins whose runs were under way in a backup that was restored.
final class OriginTable {
    private let connection: OpaquePointer
    private let selection: Statement
    private let deletion: Statement
    /// Whether there is any: hardly a database was ever restored, and then nobody needs to look.
    private var isEmpty: Bool

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        selection = try Statement("SELECT since FROM uncertain_origin WHERE origin = ?", on: connection)
        deletion = try Statement("DELETE FROM uncertain_origin WHERE origin = ?", on: connection)
        isEmpty = try Statement("SELECT 1 FROM uncertain_origin LIMIT 1", on: connection).first { _ in false } ?? true
    }

    /// Since when nobody knows what the runs of an origin sent; `nil` when all of it is in the ledger.
    func uncertainSince(_ origin: Identifier<Run>) throws -> Timestamp? {
        isEmpty ? nil : try selection.add(origin).first { $0.timestamp() }
    }

    /// Notes every origin of which a run is not over and may have gone on between `since` and `now`; returns how many
    /// there are.
    func noteUnderWay(since: Timestamp, now: Timestamp) throws -> Int {
        // What is due at the end of time waits for something else than time, which may have come.
        try Statement(
            """
            INSERT OR IGNORE INTO uncertain_origin (origin, since) SELECT origin, ? FROM run
            WHERE state IN (0, 1, 2, 5) AND (due_at IS NULL OR due_at <= ? OR due_at = \(Int64.max))
            """, on: connection
        ).add(since).add(now).run()
        isEmpty = false
        return Connection.changes(connection)
    }

    func delete(_ origin: Identifier<Run>) throws {
        if !isEmpty { try deletion.add(origin).run() }
    }
}
