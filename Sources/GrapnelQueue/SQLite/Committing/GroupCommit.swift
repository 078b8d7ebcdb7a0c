import GRDBSQLite
import GrapnelCore

/// Turns the writes that wait into one commit after another, on the writer thread.
///
/// It never waits for a commit to fill: while one is being synced the next one gathers by itself.
final class GroupCommit {
    private let writer: SQLiteWriter
    private let backlog: WriteBacklog
    private let readiness: ReadinessBroadcast
    private let checkpoints: CheckpointOwner
    /// Pages in the log after which it is moved into the database.
    private let checkpointPages: Int32
    private let log: LogLength
    /// What keeps the log for the one that follows it; `nil` when nobody can.
    private let spool: LogSpool?

    init(
        writer: SQLiteWriter, backlog: WriteBacklog, readiness: ReadinessBroadcast, checkpoints: CheckpointOwner,
        log: LogLength, spool: LogSpool?
    ) throws {
        self.writer = writer
        checkpointPages = try Connection.pages(in: writer.limits.logSize, of: writer.connection)
        self.backlog = backlog
        self.readiness = readiness
        self.checkpoints = checkpoints
        self.log = log
        self.spool = spool
    }

    /// Commits until the backlog is closed and everything in it is written.
    ///
    /// - Throws: What failed so that the database must not be written any more.
    func run() throws(SQLiteFailure) {
        while try commitNext() {}
    }

    /// Makes the next commit, for which it waits; `false` when the backlog is closed and empty.
    ///
    /// - Throws: What failed so that the database must not be written any more.
    func commitNext() throws(SQLiteFailure) -> Bool {
        guard let batch = backlog.next() else { return false }
        do throws(SQLiteFailure) {
            if let failure = commit(batch) { throw failure }
            spool?.committed(frames: log.frames)
            if writer.wantsEmptyLog { try emptyLog() }
            if checkpoints == .own, log.unmoved >= checkpointPages { try checkpoint() }
        } catch {
            refuseAll(error)
            throw error
        }
        return true
    }

    private func checkpoint() throws(SQLiteFailure) {
        guard spool?.keep(frames: log.frames) ?? true else { return }
        CrashPoint.beforeCheckpoint.pass()
        do throws(SQLiteFailure) {
            try Connection.checkpoint(writer.connection, mode: SQLITE_CHECKPOINT_PASSIVE)
        } catch {
            // A full disk is no reason to stop: the log still holds everything, and the next commit will tell.
            if error.isFatal { throw error }
        }
        log.move()
    }

    /// Empties the log, if nobody reads it just now; else after the next commit.
    private func emptyLog() throws(SQLiteFailure) {
        guard checkpoints == .own else {
            writer.wantsEmptyLog = false
            return
        }
        guard spool?.keep(frames: log.frames) ?? true else { return }
        do throws(SQLiteFailure) {
            if try Connection.checkpoint(writer.connection, mode: SQLITE_CHECKPOINT_TRUNCATE) {
                writer.wantsEmptyLog = false
                log.move()
            }
        } catch {
            if error.isFatal { throw error }
        }
    }

    /// Refuses what waits and what comes.
    private func refuseAll(_ failure: SQLiteFailure) {
        let error = failure.farewell
        backlog.close(error)
        while let rest = backlog.next() {
            for write in rest { write.fail(error) }
        }
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
