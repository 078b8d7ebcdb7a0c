import GrapnelCore

/// Looks at a database that no hub has open.
package enum DatabaseInspection {
    /// What the file holds.
    ///
    /// - Throws: `QueueError` `unusable` when it is no database of a hub.
    package static func facts(of path: String) throws(QueueError) -> DatabaseFacts {
        do {
            return try read(path)
        } catch {
            throw SQLiteOpening.queueError(error, path: path)
        }
    }

    /// What `PRAGMA integrity_check` finds, at most ten lines; empty when the file is sound.
    package static func damage(of path: String) throws(QueueError) -> [String] {
        do {
            let connection = try StandaloneConnection(path, access: .readUnchanging)
            return try connection.texts("PRAGMA integrity_check(10)").filter { $0 != "ok" }
        } catch let failure as SQLiteFailure where failure.isFatal {
            return [failure.message]
        } catch {
            throw SQLiteOpening.queueError(error, path: path)
        }
    }

    private static func read(_ path: String) throws -> DatabaseFacts {
        let connection = try StandaloneConnection(path, access: .readUnchanging)
        guard try connection.number("PRAGMA application_id") == SQLiteOpening.applicationID else {
            throw QueueError(.unusable, "\(path) is not the database of a hub")
        }
        let schema = try connection.texts("SELECT identifier FROM grdb_migrations ORDER BY rowid")
        let last = try Statement(
            "SELECT id, received_at FROM event ORDER BY number DESC LIMIT 1", on: connection.handle
        ).first { row in (try row.identifier(Event.self), row.timestamp()) }
        func count(_ table: String) throws -> Int { Int(try connection.number("SELECT COUNT(*) FROM \(table)") ?? 0) }
        return DatabaseFacts(
            schema: schema, unknownSchema: schema.filter { !Migrations.names.contains($0) },
            events: try count("event"), runs: try count("run"), effects: try count("effect"), lastEvent: last?.0,
            lastEventAt: last?.1,
            restoreEpoch: try connection.number(
                "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'restore_epoch'") ?? 0,
            bytes: Int(
                (try connection.number("PRAGMA page_count") ?? 0) * (try connection.number("PRAGMA page_size") ?? 0))
        )
    }
}
