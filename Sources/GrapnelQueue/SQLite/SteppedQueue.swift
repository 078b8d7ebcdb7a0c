package import GRDB
package import GrapnelCore
package import Logging

/// A queue that commits only when it is told to, on a database in memory.
///
/// For a program that keeps everything on one thread and decides itself in which order things happen: the verbs, the
/// writer and its commits are those of every queue, and only the threads are gone.
package final class SteppedQueue {
    /// The queue; its verbs return when their commit was made.
    package let queue: SQLiteQueue
    private let backlog: WriteBacklog
    private let commits: GroupCommit

    /// Opens `database` as a hub does when it starts: brings its schema up to date and takes a new boot epoch.
    package init(
        on database: DatabaseQueue, limits: QueueLimits = QueueLimits(), clock: any HubClock,
        ids: IdentifierGenerator, logger: Logger
    ) throws {
        try Migrations.migrate(database, path: "memory") { _ in }
        backlog = WriteBacklog(limits: limits)
        let opening = SQLiteOpening(
            path: "memory", holder: "this thread", limits: limits, clock: clock, ids: ids, backlog: backlog,
            readiness: ReadinessBroadcast(), checkpoints: .own)
        // The connection stays open for as long as `database`, which the queue keeps.
        guard let connection = database.unsafeRead({ $0.sqliteConnection }) else {
            throw QueueError(.unusable, "the database was closed while it was being opened")
        }
        let epoch: Int64
        (epoch, commits) = try opening.makeCommits(connection)
        queue = SQLiteQueue(stepping: database, epoch: epoch, opening: opening, logger: logger)
    }

    /// Whether no write waits for a commit.
    package var isIdle: Bool { backlog.isEmpty }

    /// Makes one commit of what waits, and answers those whose writes it holds.
    package func commit() {
        // What fails for good has refused everything that waited.
        if !isIdle { _ = try? commits.commitNext() }
    }

    /// Answers those whose writes the next commit would hold that nothing was kept.
    package func refuse(_ error: QueueError) {
        guard !isIdle, let batch = backlog.next() else { return }
        for write in batch { write.fail(error) }
    }
}
