import GRDBSQLite
import GrapnelCore

/// Turns the writes that wait into one commit after another, on the writer thread.
///
/// It never waits for a commit to fill: while one is being synced the next one gathers by itself.
final class GroupCommit {
    /// How the commits ended.
    enum End {
        /// The backlog was closed, and everything in it is written.
        case closed
        /// The database must not be written any more.
        case failed(QueueError)
    }

    /// Pages in the log after which it is moved into the database: 16 MiB.
    static let checkpointPages: Int32 = 4096

    private let writer: SQLiteWriter
    private let backlog: WriteBacklog
    private let readiness: ReadinessBroadcast
    private let checkpoints: CheckpointOwner
    /// Pages in the log after the last commit; SQLite writes it, on this thread.
    private let logPages = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

    init(writer: SQLiteWriter, backlog: WriteBacklog, readiness: ReadinessBroadcast, checkpoints: CheckpointOwner) {
        self.writer = writer
        self.backlog = backlog
        self.readiness = readiness
        self.checkpoints = checkpoints
        logPages.initialize(to: 0)
        // This takes the place of the automatic checkpoint, which would come before the answers and hide its failure.
        sqlite3_wal_hook(
            writer.connection,
            { context, _, _, pages in
                context?.assumingMemoryBound(to: Int32.self).pointee = pages
                return SQLITE_OK
            }, logPages)
    }

    deinit {
        sqlite3_wal_hook(writer.connection, nil, nil)
        logPages.deallocate()
    }

    /// Commits until the backlog is closed or the database fails.
    func run() -> End {
        while let batch = backlog.next() {
            if let failure = commit(batch) { return fail(failure) }
            guard checkpoints == .own, logPages.pointee >= GroupCommit.checkpointPages else { continue }
            CrashPoint.beforeCheckpoint.pass()
            do {
                try Connection.checkpoint(writer.connection, mode: SQLITE_CHECKPOINT_PASSIVE)
                logPages.pointee = 0
            } catch {
                // A full disk is no reason to stop: the log still holds everything, and the next commit will tell.
                if error.isFatal { return fail(error) }
                logPages.pointee = 0
            }
        }
        return .closed
    }

    private func fail(_ failure: SQLiteFailure) -> End {
        let error = QueueError(
            .storage,
            "the database failed for good (\(failure)): the hub must stop; check the disk, then start it again")
        backlog.close(error)
        while let rest = backlog.next() {
            for write in rest { write.fail(error) }
        }
        return .failed(error)
    }

    /// Commits these writes and answers their callers; returns a failure after which nothing may be written.
    private func commit(_ batch: [any PendingWrite]) -> SQLiteFailure? {
        do {
            if try !commitTogether(batch) { try commitApart(batch) }
        } catch {
            try? writer.rollBack()
            let failure = error as? SQLiteFailure
            let refusal = failure?.queueError ?? error as? QueueError ?? QueueError(.storage, "\(error)")
            for write in batch { write.fail(refusal) }
            return failure.flatMap { $0.isFatal ? $0 : nil }
        }
        let hasMadeWork = writer.hasMadeWork
        for write in batch { write.finish() }
        if hasMadeWork { readiness.yield() }
        return nil
    }

    /// One transaction without savepoints: the quick way. `false` when a write went wrong half-way; then nothing is
    /// kept, and nobody is answered.
    private func commitTogether(_ batch: [any PendingWrite]) throws -> Bool {
        try writer.begin()
        for write in batch {
            let changes = writer.changes
            do {
                try write.attempt(writer)
            } catch let error as QueueError where writer.changes == changes {
                // Refused before it changed anything: its neighbours go on.
                write.refuse(error)
            } catch let failure as SQLiteFailure where failure.isStorage {
                throw failure
            } catch {
                try writer.rollBack()
                return false
            }
        }
        try writer.commit()
        return true
    }

    /// One transaction with a savepoint for each write, so that one that goes wrong half-way fails alone.
    private func commitApart(_ batch: [any PendingWrite]) throws {
        try writer.begin()
        for write in batch {
            do {
                try writer.undoingOnError { try write.attempt(writer) }
            } catch let failure as SQLiteFailure {
                guard !failure.isStorage, Connection.isInTransaction(writer.connection) else { throw failure }
                write.refuse(failure.queueError)
            } catch let error as QueueError {
                write.refuse(error)
            }
        }
        try writer.commit()
    }
}
