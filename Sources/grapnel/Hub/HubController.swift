import GrapnelCore
import GrapnelFormat
import GrapnelIngest
import GrapnelQueue
import GrapnelRun
import GrapnelSend
import GrapnelWeb
import Logging
import Synchronization

/// What the management API may know of the hub and do with it: its state, and a new reading of its directory.
final class HubController: HubControl {
    private let state: Mutex<HubFiles>
    private let port: ListeningPort
    private let startedAt: Timestamp
    private let environment: [String: String]
    private let table: ConnectionTable
    private let effects: EffectDispatcher
    private let deployments: DeploymentStore
    private let scheduler: Scheduler
    private let waker: ParkedWaker
    private let quarantines: QuarantineList
    private let isolates: IsolatePool
    private let handlers: HandlerExecutor
    private let ingest: IngestServer
    private let quiet: QuietWatch
    private let maintenance: QueueMaintenance
    private let clock: any HubClock
    private let logger: Logger
    /// The newest reading: the next one begins when it has ended.
    private let reading = Mutex<Task<HubReload, Never>?>(nil)

    init(
        files: HubFiles, environment: [String: String], port: ListeningPort, table: ConnectionTable,
        effects: EffectDispatcher, deployments: DeploymentStore, scheduler: Scheduler,
        waker: ParkedWaker, quarantines: QuarantineList, isolates: IsolatePool, handlers: HandlerExecutor,
        ingest: IngestServer, quiet: QuietWatch, maintenance: QueueMaintenance, clock: any HubClock, logger: Logger
    ) {
        state = Mutex(files)
        self.port = port
        startedAt = clock.now()
        self.environment = environment
        self.table = table
        self.effects = effects
        self.deployments = deployments
        self.scheduler = scheduler
        self.waker = waker
        self.quarantines = quarantines
        self.isolates = isolates
        self.handlers = handlers
        self.ingest = ingest
        self.quiet = quiet
        self.maintenance = maintenance
        self.clock = clock
        self.logger = logger
    }

    private var files: HubFiles { state.withLock { $0 } }

    private func address(_ configuration: HubConfiguration) -> ListenAddress {
        ListenAddress(host: configuration.listen.host, port: port.value ?? configuration.listen.port)
    }

    func status() -> JSONObject {
        let files = files
        let report = isolates.report
        let layers = report.layers.map { layer, state in
            (layer.rawValue, JSON.string(state == .active ? "active" : "refused"))
        }
        return JSONObject([
            ("version", .string(Hub.version)), ("directory", .string(files.paths.directory)),
            ("started_at", .string(startedAt.description)),
            ("uptime_seconds", .integer((clock.now() - startedAt).milliseconds / 1000)),
            ("listen", .string(address(files.configuration).description)),
            ("sources", .integer(Int64(files.configuration.sources.count))),
            ("recipes", .integer(Int64(deployments.current.recipes.values.count { $0.isOfUser }))),
            ("rejections_only_counted", .integer(Int64(ingest.unkeptRejections.all.values.reduce(0, +)))),
            ("sandbox", .object(JSONObject(layers.sorted { $0.0 < $1.0 }))),
            ("offline_since", effects.offlineSince.map { .string($0.description) } ?? .null),
            ("quarantined", .array(quarantines.all.map { HubController.document($0) })),
        ])
    }

    func connections() -> [JSON] {
        let health = effects.health
        return table.overview().map { connection, lane in
            let known = health[connection.name]
            func time(_ time: Timestamp?) -> JSON { time.map { .string($0.description) } ?? .null }
            return [
                "name": .string(connection.name), "connector": .string(connection.connector.id),
                "base_url": connection.baseURL.map { .string($0) } ?? .null, "state": .string(lane.breaker.rawValue),
                "under_way": .integer(Int64(lane.underWay)),
                "opens_in_ms": lane.wait.map { .integer($0.milliseconds) } ?? .null,
                "pace_per_minute": lane.pace.map { .integer(Int64(($0 * 60).rounded())) } ?? .null,
                "last_success_at": time(known?.lastSuccess), "last_failure_at": time(known?.lastFailure),
                "failing_since": time(known?.failingSince), "failure": known?.failure.map { .string($0) } ?? .null,
            ]
        }
    }

    func post(_ notice: Notice) async { await effects.notices.post(notice) }

    func sources() -> [JSON] {
        let files = files
        let local = "http://\(address(files.configuration))"
        return files.configuration.sources.map { source in
            let base = source.publicURL ?? files.configuration.publicURL ?? local
            return [
                "name": .string(source.name), "provider": .string(source.provider),
                "url": .string("\(base)/hooks/\(source.name)"),
                "secrets": .array(source.secrets.map { .string($0) }), "insecure": .bool(source.insecure),
                "max_body": .string(source.maxBody.description),
            ]
        }
    }

    func recipes() -> [JSON] {
        deployments.current.recipes.values.filter(\.isOfUser).sorted { $0.name < $1.name }.map { recipe in
            let times = recipe.manifest.schedules.map(\.expression)
            var document = JSONObject([
                ("name", .string(recipe.name)), ("summary", .string(recipe.manifest.summary)),
                ("version", .string(recipe.version.hash)),
                ("on", .array((recipe.manifest.triggers.map(\.source) + times).map { .string($0) })),
                ("uses", .array(recipe.manifest.uses.keys.sorted().map { .string($0) })),
                (
                    "sandbox",
                    .string(
                        recipe.manifest.forwards.isEmpty
                            ? recipe.program?.handler.sandbox.rawValue ?? "isolate" : "no code")
                ),
            ])
            if let quarantine = quarantines.find(recipe.name, recipe.version) {
                document["quarantine"] = HubController.document(quarantine)
            }
            return .object(document)
        }
    }

    private static func document(_ quarantine: Quarantine) -> JSON {
        [
            "recipe": .string(quarantine.recipe), "version": .string(quarantine.version.hash),
            "run": .string(quarantine.run.description), "error": .string(quarantine.error),
            "since": .string(quarantine.since.description),
        ]
    }

    var now: Timestamp { clock.now() }

    func activeVersion(ofRecipe name: String) -> RecipeVersion? { deployments.current.recipes[name]?.version }

    func schedules() async throws -> [JSON] {
        try await scheduler.listings().map { listing in
            [
                "recipe": .string(listing.recipe), "expression": .string(listing.schedule.expression),
                "timezone": .string(listing.schedule.timezone),
                "catch_up": .string(listing.schedule.catchUp.rawValue),
                "next": listing.next.map { .string($0.description) } ?? .null,
                "last": listing.last.map { .string($0.description) } ?? .null,
            ]
        }
    }

    func plannedRuns(limit: Int) async throws -> [Run] { try await scheduler.planned(limit: limit) }

    func plan(_ recipe: String, at: Timestamp, body: JSON?) async throws -> Identifier<Run> {
        try await scheduler.plan(recipe, at: at, body: body)
    }

    func release(_ recipe: String) async throws -> Int { try await waker.release(recipe) }

    func recipes(wanting event: Event) -> [RecipeMatch] {
        deployments.matches(for: event, body: event.body())
    }

    func reload() async -> HubReload {
        // A task of its own: a caller who leaves takes neither the turn nor half a reading with him.
        let task = reading.withLock { newest in
            let before = newest
            let task = Task {
                _ = await before?.value
                return await self.attempt()
            }
            newest = task
            return task
        }
        return await task.value
    }

    private func attempt() async -> HubReload {
        do {
            return .done(try await read())
        } catch let errors as FormatErrors {
            return refused(errors.errors.map(\.description))
        } catch let refusal as HubRefusal {
            return refused(refusal.problems)
        } catch {
            return refused(["\(error)"])
        }
    }

    private func refused(_ problems: [String]) -> HubReload {
        logger.error(
            "the hub directory has mistakes; everything stays as it was",
            metadata: ["problems": "\(problems.joined(separator: "; "))"])
        return .refused(problems: problems)
    }

    private func read() async throws -> JSON {
        let before = files.configuration
        let files = try HubFiles(files.paths, environment: environment)
        let secrets = try HubSecrets(
            store: SecretStore(paths: files.paths, environment: environment), environment: environment,
            variables: files.variables)
        let (connections, sources, _) = try Hub.wiring(files, secrets: secrets)
        // Recipes are checked against the new connections before any of it is taken on.
        let next = ConnectionTable(connections: connections, secrets: secrets, version: Hub.version, clock: clock)
        let report = await deployments.load(
            hubFolder: files.paths.directory, sources: Set(sources.map(\.name)), catalog: next,
            alerts: files.configuration.alerts, processes: files.processPolicy, isWhole: true)
        guard report.refusals.isEmpty else { throw HubRefusal(problems: report.refusals.flatMap(\.problems)) }
        for warning in report.warnings { logger.warning("\(warning)") }
        table.replace(connections: connections, secrets: secrets)
        quiet.replace(sources: files.configuration.sources)
        maintenance.replace(Retention(files.configuration))
        ingest.replace(sources: sources, trustedProxies: files.configuration.trustedProxies)
        for version in report.retired { handlers.retire(version: version) }
        state.withLock { $0 = files }
        try await waker.wake(for: deployments.current, connections: table.fingerprints)
        logger.notice(
            "the hub directory was read again",
            metadata: ["activated": "\(report.activated.keys.sorted())", "removed": "\(report.removed)"])
        return [
            "sources": .integer(Int64(sources.count)), "connections": .integer(Int64(connections.count)),
            "activated": .array(report.activated.keys.sorted().map { .string($0) }),
            "removed": .array(report.removed.map { .string($0) }),
            "at_next_start": .array(files.configuration.keysForTheNextStart(from: before).map { .string($0) }),
        ]
    }
}
