import GrapnelCore
import GrapnelQueue
import Logging
import TestSupport

/// A SQLite database in a directory of its own.
struct SQLiteStore: QueueStore {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("queue") }

    var path: String { directory.file("grapnel.db") }

    func open(clock: any HubClock, limits: QueueLimits) async throws -> any QueueWriter & QueueReader {
        try await openQueue(clock: clock, limits: limits)
    }

    func openQueue(clock: any HubClock, limits: QueueLimits = QueueLimits()) async throws -> SQLiteQueue {
        try await SQLiteQueue.open(
            path: path, limits: limits, clock: clock,
            ids: IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 11)), node: "test",
            logger: Logger(label: "queue") { _ in SwiftLogNoOpLogHandler() })
    }

    func close(_ queue: any QueueWriter & QueueReader) async {
        await (queue as? SQLiteQueue)?.close()
    }
}
