import GrapnelCore
import GrapnelQueue
import GrapnelRun
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// A dispatcher on a real queue, with isolates and a broker that a test scripts.
final class DispatchBench: Sendable {
    let clock = ManualClock()
    let queue: SQLiteQueue
    let isolates: ScriptedIsolates
    let broker: RecordingBroker
    let deployments: DeploymentStore
    let dispatcher: RunDispatcher
    /// Where notices are posted when `tells` was asked for.
    let board: NoticeBoard
    private let tells: Bool
    private let ids: IdentifierGenerator
    private let directory: TemporaryDirectory
    private let delivery = Mutex(0)
    private let services = Mutex<ServiceGroup?>(nil)

    init(
        recipes: [DeployedRecipe], configuration: DispatchConfiguration = DispatchConfiguration(),
        broker: RecordingBroker = RecordingBroker(), quarantines: QuarantineList = QuarantineList(),
        notices: any NoticePosting = SilentNotices(), tells: Bool = false, limits: QueueLimits = QueueLimits(),
        random: any RandomSource = SeededRandomSource(seed: 7), handler: @escaping ScriptedIsolates.Handler
    ) async throws {
        directory = try TemporaryDirectory()
        ids = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 11))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        queue = try await SQLiteQueue.open(
            path: directory.file("grapnel.db"), limits: limits, clock: clock, ids: ids, node: "test", logger: logger)
        isolates = ScriptedIsolates(handler)
        self.broker = broker
        deployments = DeploymentStore(
            loader: RecipeLoader(bundles: BundleStore(folder: directory.file("bundles"))),
            deployment: Deployment(recipes))
        self.tells = tells
        board = NoticeBoard(
            reader: queue, writer: queue, storageFailures: queue.storageFailures, matcher: deployments, ids: ids,
            clock: clock, logger: logger)
        dispatcher = RunDispatcher(
            reader: queue, writer: queue, isolates: isolates, broker: broker, deployments: deployments,
            quarantines: quarantines, configuration: configuration, clock: clock, random: random,
            notices: tells ? board : notices,
            logger: logger)
    }

    /// Runs the queue and the dispatcher while `body` does, then shuts them down as a hub does.
    func withServices(_ body: @Sendable () async throws -> Void) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: queue), .init(service: dispatcher)] + (tells ? [.init(service: board)] : []),
                logger: logger))
        services.withLock { $0 = group }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do { try await body() } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Begins the shutdown while the body of `withServices` still runs.
    func shutDown() async {
        await services.withLock { $0 }?.triggerGracefulShutdown()
    }

    /// Stores an event with a run of each recipe, as ingest does; starts those that found a place.
    @discardableResult
    func accept(
        _ recipes: [String] = ["greeter"], version: RecipeVersion = Sample.version, body: String = "{}",
        bytes: Int = 0
    ) async throws -> [Identifier<Run>] {
        try await accept(body, bytes: bytes) { _ in recipes.map { RecipeMatch(recipe: $0, version: version) } }
    }

    /// Stores an event with this body for the recipes that want it, as ingest does; starts the runs that found a place.
    @discardableResult
    func acceptMatching(body: String, at: Timestamp? = nil) async throws -> [Identifier<Run>] {
        try await accept(body, at: at) { self.deployments.matches(for: $0, body: $0.body()) }
    }

    private func accept(
        _ body: String, bytes: Int = 0, at: Timestamp? = nil, matching: (Event) -> [RecipeMatch]
    ) async throws -> [Identifier<Run>] {
        let number = delivery.withLock { number in
            number += 1
            return number
        }
        var event = Sample.event(body: body)
        event.id = ids.next()
        event.deliveryID = "delivery-\(number)"
        event.receivedAt = clock.now()
        let runs = matching(event).map { match in
            AcceptedRequest.NewRun(
                id: ids.next(), recipe: match.recipe, version: match.version,
                startNow: match.flow.mayStartAtOnce && dispatcher.reserve(recipe: match.recipe), flow: match.flow,
                dueAt: at)
        }
        let request = InboundRequest(
            method: "POST", url: "http://hub/hooks/github", query: "", headers: HeaderFields(),
            body: bytes > 0 ? [UInt8](repeating: UInt8(ascii: "x"), count: bytes) : event.raw, peer: "127.0.0.1",
            receivedAt: clock.now())
        let result = try await queue.accept(
            AcceptedRequest(
                id: ids.next(), tenant: Sample.tenant, source: "github", request: request, verdict: .unsigned,
                events: [.init(event: event, fingerprint: [UInt8(truncatingIfNeeded: number)], runs: runs)],
                dedupeWindow: .seconds(600), lease: .seconds(30)))
        for run in result.leased { dispatcher.start(run) }
        let started = Set(result.leased.map(\.run.id))
        for run in runs where run.startNow && !started.contains(run.id) { dispatcher.release(recipe: run.recipe) }
        return runs.map(\.id)
    }

    /// A board as it is after a restart: it has told nothing yet.
    func anotherBoard(failures: AsyncStream<QueueError> = AsyncStream { $0.finish() }) -> NoticeBoard {
        NoticeBoard(
            reader: queue, writer: queue, storageFailures: failures, matcher: deployments, ids: ids,
            clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The queue's file again, as a hub finds it that starts after the services have ended.
    func reopened() async throws -> SQLiteQueue {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try await SQLiteQueue.open(
            path: directory.file("grapnel.db"), clock: clock, ids: ids, node: "next", logger: logger)
    }

    /// Moves time in small steps until a run is in one of these states.
    @discardableResult
    func run(
        _ id: Identifier<Run>, reaches states: Set<WorkState>, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> RunDetail {
        let end = ContinuousClock.now.advanced(by: Patience.limit)
        while ContinuousClock.now < end {
            if let detail = try await queue.run(id), states.contains(detail.run.state) { return detail }
            clock.advance(by: .milliseconds(200))
            await Task.yield()
        }
        let state = try await queue.run(id)?.run.state
        Issue.record("the run is \(state.map(\.rawValue) ?? "gone")", sourceLocation: sourceLocation)
        throw CancellationError()
    }

    /// Waits until `condition` holds, without moving time.
    func until(_ condition: @Sendable () async throws -> Bool) async throws {
        try await Patience.until(condition)
    }
}
