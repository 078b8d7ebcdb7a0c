import GRDB
import GRDBSQLite
import GrapnelCore

/// Opens, checks and migrates the database, and then is its writer thread.
struct SQLiteOpening: Sendable {
    /// What the queue gets once the database is open.
    struct Opened: Sendable {
        var pool: DatabasePool
        var epoch: Int64
    }

    /// Marks the file as a hub's: "Grpn".
    static let applicationID: Int64 = 0x4772_706E
    /// Databases up to this size are checked page by page at every start: 0.2 s of processor time at the most, and as
    /// long as the disk takes to read them. A start should not wait for larger ones; `PRAGMA quick_check` on a backup
    /// finds the same.
    static let quickCheckLimit = ByteCount.mebibytes(256)
    /// The log is cut to this size when it starts anew.
    static let logLimit = ByteCount.mebibytes(64)
    /// What the writer keeps in memory.
    static let cacheSize = ByteCount.mebibytes(32)

    var path: String
    var holder: String
    var limits: QueueLimits
    var clock: any HubClock
    var ids: IdentifierGenerator
    var backlog: WriteBacklog
    var readiness: ReadinessBroadcast
    var checkpoints: CheckpointOwner

    /// Owns the database from its opening to its closing. Runs on a thread of its own.
    ///
    /// - Parameters:
    ///   - opened: Called once, when writes are taken, or with the reason why they cannot be.
    ///   - ended: Called after the database is closed.
    func run(
        opened: @Sendable (Result<Opened, QueueError>) -> Void, ended: @Sendable (QueueError?) -> Void
    ) {
        var isOpen = false
        var failure: QueueError?
        do {
            try checkpoints.check()
            let lock = try FileLock(path: path + ".lock", holder: holder)
            defer { withExtendedLifetime(lock) {} }
            let spool = takeSpool()
            let pool = try makePool()
            do {
                try checkAndMigrate(pool)
                // The whole life of the writer is one access of GRDB's, so that nobody else ever has this connection.
                try pool.writeWithoutTransaction { database in
                    guard let connection = database.sqliteConnection else {
                        throw QueueError(.unusable, "the database at \(path) was closed while it was being opened")
                    }
                    let (epoch, commits) = try makeCommits(connection, spool: spool)
                    isOpen = true
                    opened(.success(Opened(pool: pool, epoch: epoch)))
                    try commits.run()
                    if checkpoints == .own { try Connection.checkpoint(connection, mode: SQLITE_CHECKPOINT_PASSIVE) }
                }
            } catch {
                let isOfSync = SQLiteOpening.failure(error)?.isOfSync ?? false
                if isOfSync { SQLiteOpening.abandon(pool, lock) } else { try? close(pool, spool) }
                throw error
            }
            try close(pool, spool)
        } catch {
            let farewell = SQLiteOpening.failure(error).flatMap { isOpen && $0.isFatal ? $0.farewell : nil }
            let error = farewell ?? SQLiteOpening.queueError(error, path: path)
            backlog.close(error)
            if isOpen { failure = error } else { opened(.failure(error)) }
        }
        readiness.close()
        ended(failure)
    }

    /// What is kept of the log for one that follows it. When others checkpoint nobody can follow: then nothing is.
    private func takeSpool() -> LogSpool? {
        let spool = LogSpool(database: path, limit: limits.spoolSize, clock: clock)
        guard checkpoints != .own else { return spool }
        spool.end()
        return nil
    }

    /// Closes the database; the log stays where it is when somebody follows it, so that the next hub goes on with it.
    private func close(_ pool: DatabasePool, _ spool: LogSpool?) throws {
        if spool?.wantsLog() == true {
            try pool.writeWithoutTransaction { database in
                var isKept: Int32 = 1
                sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &isKept)
                // A limit would cut it.
                try database.execute(sql: "PRAGMA journal_size_limit = -1")
            }
        }
        try pool.close()
    }

    private func makePool() throws -> DatabasePool {
        var configuration = Configuration()
        configuration.label = "queue"
        configuration.maximumReaderCount = 4
        configuration.foreignKeysEnabled = false
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY")
            // Nothing checkpoints unseen, also while the database is opened and its schema changed.
            sqlite3_wal_autocheckpoint(database.sqliteConnection, 0)
            // Only an empty file takes it; without it free pages are never given back to the disk.
            if !database.configuration.readonly, try Int.fetchOne(database, sql: "PRAGMA page_count") == 0 {
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
        }
        return try DatabasePool(path: path, configuration: configuration)
    }

    /// Checks whose the database is and brings its schema up to date.
    private func checkAndMigrate(_ pool: DatabasePool) throws {
        try checkOrigin(pool)
        try Migrations.migrate(pool, path: path) { schema in
            let size = try pool.writeWithoutTransaction { database in
                let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
                return pages * (try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0)
            }
            try UpgradeCopy.make(
                of: path, schema: schema, size: size, free: SyncedFile.freeBytes(beside: path), now: clock.now())
        }
    }

    /// Leaves the database open, and locked, until the process ends. Closing it would move the log into the database and
    /// sync both: but after a failed sync what memory holds of a file need not be what the disk holds, and the next
    /// sync would not tell. The next start reads what the disk holds.
    private static func abandon(_ pool: DatabasePool, _ lock: FileLock) {
        _ = Unmanaged.passRetained(pool)
        _ = Unmanaged.passRetained(lock)
    }

    /// Refuses a database of somebody else before anything is written into it.
    private func checkOrigin(_ pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { database in
            let id = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            let tables = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_schema") ?? 0
            guard id == SQLiteOpening.applicationID || (id == 0 && tables == 0) else {
                throw QueueError(.unusable, "\(path) is a database, but not a hub's: name another file")
            }
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            let size = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
            if pages * size <= SQLiteOpening.quickCheckLimit.bytes {
                let report = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
                guard report == "ok" else {
                    throw QueueError(.unusable, "\(path) is damaged (\(report)): restore the latest backup")
                }
            }
            if id == 0 { try database.execute(sql: "PRAGMA application_id = \(SQLiteOpening.applicationID)") }
        }
    }

    /// Sets the connection up, numbers this opening, settles what the last one left behind, and gives what commits.
    func makeCommits(
        _ connection: OpaquePointer, spool: LogSpool? = nil
    ) throws -> (epoch: Int64, commits: GroupCommit) {
        let log = LogLength(connection)
        let epoch = try prepare(connection)
        let writer = try SQLiteWriter(connection, epoch: epoch, clock: clock, ids: ids, limits: limits)
        try writer.abandonStrandedCalls()
        let commits = try GroupCommit(
            writer: writer, backlog: backlog, readiness: readiness, checkpoints: checkpoints, log: log,
            spool: spool)
        return (epoch, commits)
    }

    /// Sets the connection up for writing and numbers this opening.
    private func prepare(_ connection: OpaquePointer) throws -> Int64 {
        // GRDB's hooks serve its observers, of which there are none.
        sqlite3_commit_hook(connection, nil, nil)
        sqlite3_rollback_hook(connection, nil, nil)
        // GRDB sets NORMAL when it opens a pool, with which a commit that was answered can be lost with the power.
        try Connection.execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA cache_size = -\(SQLiteOpening.cacheSize.bytes / 1024);
            PRAGMA journal_size_limit = \(SQLiteOpening.logLimit.bytes);
            PRAGMA secure_delete = ON;
            """, on: connection)
        if let size = limits.databaseSize {
            let pages = try Connection.pages(in: size, of: connection)
            try Connection.execute("PRAGMA max_page_count = \(pages)", on: connection)
        }
        let synchronous = try Connection.synchronousLevel(connection)
        guard synchronous == 2 else {
            throw QueueError(
                .unusable,
                "SQLite does not sync its commits (synchronous reads \(synchronous), not 2): "
                    + "this build of SQLite cannot keep an event safe")
        }
        try Connection.execute(
            """
            INSERT INTO meta (key, value) VALUES ('boot_epoch', '1')
                ON CONFLICT DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)
            """, on: connection)
        let epoch = try Statement(
            "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'boot_epoch'", on: connection
        ).first { $0.integer() }
        guard let epoch, epoch > 0 else { throw Statement.unreadable("the boot epoch") }
        return epoch
    }

    /// What SQLite answered, if it was SQLite that failed.
    private static func failure(_ error: any Error) -> SQLiteFailure? {
        switch error {
        case let failure as SQLiteFailure: failure
        case let error as DatabaseError:
            SQLiteFailure(code: error.extendedResultCode.rawValue, message: error.message ?? "no message")
        default: nil
        }
    }

    /// What went wrong at opening, reading or closing, for the operator.
    static func queueError(_ error: any Error, path: String) -> QueueError {
        if let error = error as? QueueError { return error }
        guard let known = failure(error)?.queueError else { return QueueError(.unusable, "\(path): \(error)") }
        return QueueError(known.code, "\(path): \(known.message)")
    }
}
