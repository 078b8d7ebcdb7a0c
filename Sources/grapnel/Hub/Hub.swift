import GrapnelCore
import GrapnelCrypto
import GrapnelFormat
import GrapnelIngest
import GrapnelQueue
import GrapnelRun
import GrapnelSend
import GrapnelWeb
import Logging
import ServiceLifecycle
import UnixSignals

/// The composition root: what a hub is made of, in the order in which it starts.
struct Hub {
    /// The version of the program.
    static let version = "0.1.0"

    private let queue: SQLiteQueue
    private let services: [any Service]
    private let logger: Logger

    /// Reads the hub directory, checks all of it, opens the queue and wires the services.
    ///
    /// - Parameters:
    ///   - watches: Whether the hub directory is read again when a file of it changes.
    ///   - onListening: Called with the port when webhooks are taken.
    init(
        _ files: HubFiles, environment: [String: String], watches: Bool = false, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void
    ) async throws {
        self.logger = logger
        let configuration = files.configuration
        let (clock, random) = (SystemClock(), SystemRandomSource())
        let ids = IdentifierGenerator(clock: clock, random: random)
        let store = SecretStore(paths: files.paths, environment: environment)
        let secrets = try HubSecrets(store: store, environment: environment, variables: files.variables)
        try files.paths.makeState()

        let (connections, sources, allowances) = try Hub.wiring(files, secrets: secrets)
        let tenantKey = try Hub.tenantKey(of: store)
        let table = ConnectionTable(
            connections: connections, secrets: secrets, version: Hub.version, fingerprintKey: tenantKey, clock: clock)
        let deployments = DeploymentStore(
            loader: RecipeLoader(
                bundles: BundleStore(folder: files.paths.bundles), caps: configuration.recipeCaps))
        let report = await deployments.load(
            hubFolder: files.paths.directory, sources: Set(configuration.sources.map(\.name)), catalog: table,
            alerts: configuration.alerts,
            processes: files.processPolicy)
        guard report.refusals.isEmpty else {
            throw HubRefusal(problems: report.refusals.flatMap(\.problems))
        }
        for warning in report.warnings { logger.warning("\(warning)") }

        queue = try await SQLiteQueue.open(
            path: configuration.database ?? files.paths.database,
            limits: QueueLimits(logSize: configuration.logSize), clock: clock, ids: ids,
            node: "node-\(ids.next(Run.self))",
            checkpoints: configuration.externalCheckpoints ? .external : .own,
            logger: logger)
        let notices = NoticeBoard(
            reader: queue, writer: queue, storageFailures: queue.storageFailures, matcher: deployments, ids: ids,
            clock: clock, logger: logger)
        let quiet = QuietWatch(
            sources: configuration.sources, reader: queue, notices: notices, clock: clock, logger: logger)
        let quarantines = QuarantineList(try await queue.quarantines())
        let waker = ParkedWaker(queue: queue, quarantines: quarantines, logger: logger)
        try await waker.wake(for: deployments.current, connections: table.fingerprints)
        let scheduler = Scheduler(queue: queue, deployments: deployments, ids: ids, clock: clock, logger: logger)
        let maintenance = QueueMaintenance(
            queue: queue, clock: clock, retention: Retention(configuration), notices: notices, logger: logger)
        let egress = EgressClient(
            guarding: AddressGuard(
                allowances: allowances, ownPorts: [UInt16(clamping: configuration.admin.port)]),
            limits: Hub.egressLimits, clock: clock, logger: logger)
        let effects = EffectDispatcher(
            connections: table, writer: queue, reader: queue, egress: egress, tenantKey: tenantKey,
            notices: notices, clock: clock, random: random, identifiers: ids, logger: logger)
        let isolates = IsolatePool(
            configuration: IsolatePoolConfiguration(
                executable: Hub.isolateExecutable, maxIsolates: configuration.isolates,
                memory: configuration.isolateMemory, allowsJIT: configuration.allowsJIT),
            clock: clock, logger: logger)
        let webAssembly = IsolatePool(
            configuration: IsolatePoolConfiguration(
                executable: Hub.isolateExecutable, waiting: 1, maxIsolates: configuration.isolates,
                memory: configuration.isolateMemory, allowsJIT: configuration.allowsJIT, allowsWebAssembly: true,
                startsWhenNeeded: true),
            clock: clock, logger: logger)
        let processes = ProcessPool(
            configuration: ProcessPoolConfiguration(
                bubblewrap: files.processPolicy.bubblewrap, programs: Executable.folder,
                maxProcesses: min(configuration.isolates, 32)),
            clock: clock, logger: logger)
        let handlers = HandlerExecutor(isolates: isolates, webAssembly: webAssembly, processes: processes)
        let runs = RunDispatcher(
            reader: queue, writer: queue, isolates: handlers, broker: effects, deployments: deployments,
            quarantines: quarantines,
            configuration: DispatchConfiguration(
                capacity: configuration.isolates, host: HostLimits(depth: configuration.depth)),
            clock: clock,
            random: random, notices: notices, logger: logger)
        let port = ListeningPort()
        let ingest = IngestServer(
            address: configuration.listen, sources: sources, trustedProxies: configuration.trustedProxies,
            queue: queue, matcher: deployments, runs: runs, ids: ids, clock: clock, limits: Hub.ingestLimits(logger),
            logger: logger,
            onListening: { number in
                port.set(number)
                await onListening(number)
            })
        let controller = HubController(
            files: files, environment: environment, port: port, table: table, effects: effects,
            deployments: deployments, scheduler: scheduler, waker: waker,
            quarantines: quarantines, isolates: isolates, handlers: handlers,
            ingest: ingest, quiet: quiet, maintenance: maintenance, clock: clock, logger: logger)
        let management = ManagementServer(
            socket: files.paths.socket, address: configuration.admin, token: try ManagementToken.make(at: files.paths),
            queue: queue, control: controller, ids: ids, clock: clock, logger: logger)
        services =
            [
                queue, notices, quiet, maintenance, egress, effects, isolates, webAssembly, processes, runs, scheduler,
                management,
                ReloadSignal(controller: controller),
            ]
            + (watches ? [DirectoryWatch(controller: controller, paths: files.paths, clock: clock)] : []) + [ingest]
    }

    /// Runs until SIGTERM or SIGINT; then what is under way is finished or handed back.
    func run() async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        try await group.run()
    }

    /// The connections and the sources of the configuration, and what may be dialled though it is private; every
    /// mistake in one error.
    static func wiring(_ files: HubFiles, secrets: any SecretReading) throws(HubRefusal) -> (
        connections: [Connection], sources: [Source], allowances: [AddressGuard.Allowance]
    ) {
        let configuration = files.configuration
        let (connections, errors) = ConnectionTable.check(configuration.connections, connectors: files.connectors)
        var problems = errors.map { files.mistake(in: "connections.\($0.connection)", $0.message) }
        var sources: [Source] = []
        for entry in configuration.sources {
            do throws(FormatErrors) {
                sources.append(
                    try Source(entry, providers: files.providers, secrets: secrets, publicURL: configuration.publicURL))
            } catch {
                problems += error.errors.map {
                    files.mistake(in: "sources.\(entry.name)", $0.message, hint: $0.hint)
                }
            }
        }
        for entry in configuration.connections {
            for name in Set(entry.credentials.values).sorted() where secrets.secret(named: name) == nil {
                problems.append(
                    files.mistake(
                        in: "connections.\(entry.name)", "there is no secret \(name)",
                        hint: "grapnel secret set \(name), or put \(name)=… into .env"))
            }
        }
        for alert in configuration.alerts
        where files.operation(alert.rule.operation, ofConnection: alert.rule.connection) == nil {
            problems.append(
                files.mistake(
                    in: "alerts",
                    "there is no operation \(alert.rule.connection).\(alert.rule.operation)",
                    hint: "name a connection of this file and an operation of its connector"))
        }
        let allowances = configuration.allowPrivate.compactMap { entry -> AddressGuard.Allowance? in
            if let allowance = AddressGuard.Allowance(entry) { return allowance }
            problems.append(
                files.mistake(
                    in: "egress.allow_private", "\"\(entry)\" is no host and no address range",
                    hint: "write localhost:3000, app.internal or 10.0.0.0/8"))
            return nil
        }
        guard problems.isEmpty else { throw HubRefusal(problems: problems.map(\.description)) }
        return (connections, sources, allowances)
    }

    /// The limits of what comes in, with as many connections as this process has files for.
    private static func ingestLimits(_ logger: Logger) -> IngestLimits {
        var limits = IngestLimits()
        let connections = OpenFiles.connections(wanted: limits.connections)
        if connections < limits.connections {
            logger.notice(
                "takes fewer connections at a time, since it may open few files: raise ulimit -n",
                metadata: ["connections": "\(connections)", "usual": "\(limits.connections)"])
            limits.connections = connections
        }
        return limits
    }

    /// The limits of what goes out, with as many requests as this process has files for.
    private static var egressLimits: EgressLimits {
        var limits = EgressLimits()
        limits.active = OpenFiles.requests(wanted: limits.active)
        return limits
    }

    /// The key that idempotency keys are derived with: not the sealing key itself, which has one purpose only.
    private static func tenantKey(of store: SecretStore) throws -> [UInt8] {
        HMACSignature.sign(Array("grapnel idempotency keys 1".utf8), key: try store.key(), algorithm: .sha256)
    }

    /// `grapnel-isolate`, beside this program.
    static var isolateExecutable: String {
        "\(Executable.folder)/grapnel-isolate"
    }
}
