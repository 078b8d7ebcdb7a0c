import GRDBSQLite
import GrapnelCore

/// What the writer asks of its connection besides statements. Only the thread that owns the connection calls these.
enum Connection {
    /// Rows that the last statement changed.
    static func changes(_ connection: OpaquePointer) -> Int { Int(sqlite3_changes64(connection)) }

    /// Rows that all statements since the opening changed.
    static func totalChanges(_ connection: OpaquePointer) -> Int64 { sqlite3_total_changes64(connection) }

    /// Whether a transaction is open.
    static func isInTransaction(_ connection: OpaquePointer) -> Bool { sqlite3_get_autocommit(connection) == 0 }

    /// The number of the row that was inserted last.
    static func lastNumber(_ connection: OpaquePointer) -> Int64 { sqlite3_last_insert_rowid(connection) }

    /// Runs statements that give no rows and are run seldom.
    static func execute(_ sql: String, on connection: OpaquePointer) throws(SQLiteFailure) {
        let code = sqlite3_exec(connection, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteFailure(connection) }
    }

    /// `PRAGMA synchronous`: 2 is FULL, with which a commit is on disk when it returns.
    static func synchronousLevel(_ connection: OpaquePointer) throws -> Int {
        try Statement("PRAGMA synchronous", on: connection).first { $0.count() } ?? -1
    }

    /// How many of the database's pages fit into `size`; at least one.
    static func pages(in size: ByteCount, of connection: OpaquePointer) throws -> Int32 {
        let page = try Statement("PRAGMA page_size", on: connection).first { $0.count() } ?? 4096
        return Int32(clamping: max(size.bytes / max(page, 1), 1))
    }

    /// Moves what is committed from the log into the database, as far as readers let it, and syncs both; `false` when
    /// they did not let all of it.
    @discardableResult
    static func checkpoint(_ connection: OpaquePointer, mode: Int32) throws(SQLiteFailure) -> Bool {
        let code = sqlite3_wal_checkpoint_v2(connection, "main", mode, nil, nil)
        // Busy means that a reader still needs a part of the log: the next checkpoint moves it.
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else { throw SQLiteFailure(connection) }
        return code == SQLITE_OK
    }
}
