import GrapnelCore
import GrapnelQueue

/// One durable store of an engine, which the suite opens, closes and opens again.
protocol QueueStore: Sendable {
    /// Opens it as a hub that starts does.
    func open(clock: any HubClock, limits: QueueLimits) async throws -> any QueueWriter & QueueReader
    /// Closes it as a hub that stops does.
    func close(_ queue: any QueueWriter & QueueReader) async
}
