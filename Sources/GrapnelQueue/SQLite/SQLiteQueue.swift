import GRDB
import Glibc
package import GrapnelCore
package import Logging
import ServiceLifecycle
import Synchronization

/// The queue of a hub that runs alone: one SQLite database in WAL mode.
///
/// One thread of its own owns the connection that writes, and gathers what waits into one commit after another; readers
/// have connections of their own. As a service it comes first in the list, so that it closes last.
package final class SQLiteQueue: QueueWriter, QueueReader, Service {
    let pool: any DatabaseReader
    /// Whether reads take place on the thread that asks: then nothing else may use the database meanwhile.
    let readsInPlace: Bool
    let backlog: WriteBacklog
    let clock: any HubClock
    let limits: QueueLimits
    let broadcast: ReadinessBroadcast

    /// Tells when something could not be written because the disk is full or failing; coalesced, for one listener.
    package let storageFailures: AsyncStream<QueueError>
    private let storageFailure: AsyncStream<QueueError>.Continuation

    /// The number of this opening of the database: leases of earlier ones are lost.
    package let bootEpoch: Int64

    private let logger: Logger
    private let ended: Latch
    private let failure: Failure

    /// What ended the writer, if anything did.
    private final class Failure: Sendable {
        private let error = Mutex<QueueError?>(nil)

        func set(_ error: QueueError?) { self.error.withLock { $0 = error } }
        func get() -> QueueError? { error.withLock { $0 } }
    }

    private init(
        _ opened: SQLiteOpening.Opened, opening: SQLiteOpening, logger: Logger, ended: Latch, failure: Failure
    ) {
        pool = opened.pool
        readsInPlace = false
        bootEpoch = opened.epoch
        backlog = opening.backlog
        clock = opening.clock
        limits = opening.limits
        broadcast = opening.readiness
        (storageFailures, storageFailure) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.logger = logger
        self.ended = ended
        self.failure = failure
    }

    /// A queue whose writer has no thread of its own, and whose reads take place where they are asked for.
    init(stepping database: any DatabaseReader, epoch: Int64, opening: SQLiteOpening, logger: Logger) {
        pool = database
        readsInPlace = true
        bootEpoch = epoch
        backlog = opening.backlog
        clock = opening.clock
        limits = opening.limits
        broadcast = opening.readiness
        (storageFailures, storageFailure) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.logger = logger
        ended = Latch()
        failure = Failure()
        ended.open()
    }

    deinit {
        backlog.close(SQLiteQueue.closed)
    }

    /// Opens the database at `path`, makes it when there is none, and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - path: The file; beside it lie its log and `<path>.lock`.
    ///   - limits: The bounds of what waits and of a commit.
    ///   - clock: The wall clock that leases, due times and windows are measured by.
    ///   - ids: Makes the identities of effects.
    ///   - node: The name of this node, written into the lock file for the one that finds it locked.
    ///   - checkpoints: Who moves the log into the database.
    ///   - logger: Where the opening and a failure for good are told.
    /// - Throws: `QueueError`: `locked` when another hub has it open, `unusable` when it is damaged, not a hub's or of
    ///   a newer version, `storage` when the disk is at fault.
    package static func open(
        path: String, limits: QueueLimits = QueueLimits(), clock: any HubClock, ids: IdentifierGenerator,
        node: String, checkpoints: CheckpointOwner = .own, logger: Logger
    ) async throws -> SQLiteQueue {
        let opening = SQLiteOpening(
            path: path, holder: "node \(node), process \(getpid())", limits: limits, clock: clock, ids: ids,
            backlog: WriteBacklog(limits: limits), readiness: ReadinessBroadcast(), checkpoints: checkpoints)
        let ended = Latch()
        let failure = Failure()
        let opened = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<SQLiteOpening.Opened, any Error>) in
            let hasThread = OwnThread.run {
                opening.run(
                    opened: { continuation.resume(with: $0.mapError { $0 as any Error }) },
                    ended: { error in
                        failure.set(error)
                        ended.open()
                    })
            }
            if !hasThread {
                continuation.resume(throwing: QueueError(.storage, "the system has no thread left for the database"))
            }
        }
        logger.info("database opened", metadata: ["path": "\(path)", "boot_epoch": "\(opened.epoch)"])
        return SQLiteQueue(opened, opening: opening, logger: logger, ended: ended, failure: failure)
    }

    static let closed = QueueError(.closed, "the hub is shutting down: try again when it is back")

    /// Runs until graceful shutdown, then writes what waits and closes the database.
    ///
    /// - Throws: `QueueError` `storage` when a sync failed: the process must end, because the next sync might claim a
    ///   success that never was.
    package func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await ended.wait()
        } onCancelOrGracefulShutdown: {
            self.backlog.close(SQLiteQueue.closed)
        }
        if let error = failure.get() {
            logger.critical("database failed for good", metadata: ["error": "\(error)"])
            throw error
        }
    }

    /// Refuses further writes, writes what waits, and closes the database. For a queue that no service group runs.
    package func close() async {
        backlog.close(SQLiteQueue.closed)
        await ended.wait()
    }

    /// What `PRAGMA synchronous` reads on the connection that writes: 2 is FULL, with which a commit is on disk before
    /// it is answered. `open` refuses anything else; `grapnel doctor` shows it.
    package func synchronousLevel() async throws -> Int {
        try await write { try Connection.synchronousLevel($0.connection) }
    }

    /// Waits for a write of `body`'s changes, together with others, in one commit.
    func write<Value: Sendable>(
        bytes: Int = 512, _ body: @escaping @Sendable (SQLiteWriter) throws -> Value
    ) async throws -> Value {
        do {
            return try await withUnsafeThrowingContinuation { continuation in
                let write = Write(bytes: bytes, continuation: continuation, body: body)
                if let refusal = backlog.append(write) { write.fail(refusal) }
            }
        } catch let error as QueueError where error.code == .storage {
            storageFailure.yield(error)
            throw error
        }
    }

    package func readiness() -> AsyncStream<Void> { broadcast.listen() }
}
