import GRDB
import GrapnelCore
import GrapnelIngest
import GrapnelQueue
import GrapnelRun
import GrapnelSend
import Logging
import ServiceLifecycle
import TestSupport

/// One life of the hub, from its start to its end or its crash: the real services on the simulated thread.
///
/// Unchecked: there is one thread.
final class SimulatedHub: @unchecked Sendable {
    let stepped: SteppedQueue
    let pipeline: IngestPipeline
    let deployments: DeploymentStore
    private let connections: [Connection]
    private let table: ConnectionTable
    private let quarantines = QuarantineList()
    private let waker: ParkedWaker
    private let clock: any HubClock
    private let ids: IdentifierGenerator
    private let services: ServiceGroup
    private(set) var hasEnded = false

    var queue: SQLiteQueue { stepped.queue }

    /// What a hub is made of, besides its own services.
    struct Setup {
        var clock: SimulatedClock
        var database: DatabaseQueue
        var recipes: [DeployedRecipe]
        var connections: [Connection]
        var secrets: any SecretReading = SimulatedDefinitions.secrets
        var egress: any EgressPerforming
        var isolates: any IsolateExecuting
        var commitWrites: Int
        /// Runs at a time.
        var capacity: Int
        var retention: Duration
        var send = SendLimits()
        /// How often due runs are looked for when nothing says that there are any.
        var poll = DispatchConfiguration().poll
        var random: SeededRandomSource
    }

    convenience init(_ simulation: Simulation, random: SeededRandomSource) throws {
        let plan = simulation.plan
        try self.init(
            Setup(
                clock: simulation.clock, database: simulation.database, recipes: simulation.recipes,
                connections: try SimulatedDefinitions.connections(plan),
                secrets: simulation.secrets, egress: simulation.vendor, isolates: simulation.handlers,
                commitWrites: plan.commitWrites,
                capacity: plan.capacity, retention: .milliseconds(plan.retention),
                send: SendLimits(cooldown: .milliseconds(200), poll: .seconds(20)), poll: .seconds(20),
                random: random))
    }

    init(_ setup: Setup) throws {
        let clock = setup.clock
        self.clock = clock
        let random = setup.random
        let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
        ids = IdentifierGenerator(clock: clock, random: random)
        stepped = try SteppedQueue(
            on: setup.database, limits: QueueLimits(commitWrites: setup.commitWrites), clock: clock, ids: ids,
            logger: logger)
        let queue = stepped.queue
        connections = setup.connections
        table = ConnectionTable(
            connections: connections, secrets: setup.secrets, version: "0",
            fingerprintKey: [UInt8](repeating: 5, count: 32), clock: clock)
        waker = ParkedWaker(queue: queue, quarantines: quarantines, logger: logger)
        let effects = EffectDispatcher(
            connections: table, writer: queue, reader: queue, egress: setup.egress,
            tenantKey: [UInt8](repeating: 7, count: 32), limits: setup.send, clock: clock, random: random,
            identifiers: ids, logger: logger)
        deployments = DeploymentStore(loader: RecipeLoader(bundles: nil), deployment: Deployment(setup.recipes))
        let runs = RunDispatcher(
            reader: queue, writer: queue, isolates: setup.isolates, broker: effects, deployments: deployments,
            quarantines: quarantines,
            configuration: DispatchConfiguration(
                capacity: setup.capacity, poll: setup.poll, host: HostLimits(depth: SimulatedDefinitions.depth)),
            clock: clock,
            random: random, logger: logger)
        let maintenance = QueueMaintenance(
            queue: queue, clock: clock, retention: Retention(events: setup.retention),
            // Less often than a hub, since looking is most of what a seed computes.
            pace: QueueMaintenance.Pace(rescue: .seconds(20), pruning: .seconds(900)), logger: logger)
        pipeline = IngestPipeline(
            queue: queue, matcher: deployments, runs: runs, ids: ids, clock: clock, logger: logger)
        let scheduler = Scheduler(
            queue: queue, deployments: deployments, ids: ids, clock: clock,
            pace: SchedulerPace(poll: .seconds(20)), logger: logger)
        let all: [any Service] = [maintenance, effects, runs, scheduler]
        services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: all.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) }, logger: logger))
    }

    /// What a request of the other tenant becomes: HTTP knows one tenant only, so this stands for it.
    func accepted(_ delivery: SimulatedSender.Delivery, now: Timestamp) -> AcceptedRequest {
        let body = delivery.body
        let event = Event(
            id: ids.next(), tenant: delivery.tenant, source: delivery.source, type: delivery.type,
            deliveryID: delivery.id, receivedAt: now, headers: HeaderFields(), query: "", raw: body, bodyKind: .json)
        let request = InboundRequest(
            method: "POST", url: delivery.source, query: "", headers: event.headers, body: body, peer: "",
            receivedAt: now)
        return AcceptedRequest(
            id: ids.next(), tenant: delivery.tenant, source: delivery.source, request: request, verdict: .unsigned,
            events: [AcceptedRequest.NewEvent(event: event, fingerprint: body, runs: newRuns(for: event))],
            dedupeWindow: .milliseconds(Observer.dedupeWindow), lease: .zero)
    }

    /// A run of every recipe that wants the event.
    func newRuns(for event: Event) -> [AcceptedRequest.NewRun] {
        deployments.matches(for: event, body: event.body()).map { match in
            AcceptedRequest.NewRun(
                id: ids.next(), recipe: match.recipe, version: match.version, startNow: false, flow: match.flow)
        }
    }

    /// Runs the services until they end.
    func start() {
        Task {
            do {
                for quarantine in try await queue.quarantines() { _ = quarantines.add(quarantine) }
                await self.wakeParked()
                try await self.services.run()
            } catch {}
            self.hasEnded = true
        }
    }

    /// Takes other tokens on, as a reload does.
    func take(_ secrets: any SecretReading) {
        table.replace(connections: connections, secrets: secrets)
        Task { await self.wakeParked() }
    }

    /// Lets the version of a recipe start again; a person who is told that it failed says it again.
    func release(_ recipe: String) {
        Task { try await self.persistently { _ = try await self.waker.release(recipe) } }
    }

    private func wakeParked() async {
        try? await persistently {
            try await self.waker.wake(for: self.deployments.current, connections: self.table.fingerprints)
        }
    }

    private func persistently(_ body: () async throws -> Void) async throws {
        while true {
            do { return try await body() } catch let error as QueueError where error.code != .closed {
                try await clock.sleep(for: .seconds(1))
            }
        }
    }

    /// Asks the services to end, as SIGTERM does.
    func shutDown() {
        Task { await self.services.triggerGracefulShutdown() }
    }
}
