import Glibc
import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import GrapnelSend
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// A dispatcher over a real queue and a real egress client, and a vendor on a loopback port that a test scripts.
struct BrokerBench: Sendable {
    static let version = RecipeVersion(String(repeating: "0af9", count: 16))
    static let tenantKey = [UInt8](repeating: 7, count: 32)

    let queue: SQLiteQueue
    let vendor: LoopbackServer
    let secrets: SecretTable
    let dispatcher: EffectDispatcher
    let egress: EgressClient
    let ids: IdentifierGenerator
    let notices: RecordingNotices
    /// Lets the connection lead to the vendor, when it led elsewhere before.
    let find: @Sendable () -> Void
    /// Gives the connection other rules for keys, as a reload does.
    let take: @Sendable (ConnectionFlow) throws -> Void
    let clock = SystemClock()
    private let dispatching: ServiceGroup
    private let ending: Task<Void, any Error>
    private let directory: TemporaryDirectory

    /// Runs `body` with everything running, then ends it.
    static func run(
        concurrency: Int = 10, rate: String? = nil, limits: SendLimits = SendLimits(),
        firstByte: Duration = .milliseconds(300), breaker: CircuitBreaker.Limits = CircuitBreaker.Limits(),
        budget: RetryBudget.Limits = RetryBudget.Limits(), reachability: Reachability.Limits = Reachability.Limits(),
        health: HealthRecord.Limits = HealthRecord.Limits(), policy: RetryPolicy = RetryPolicy(),
        retryOn: [String] = [], baseURL: String? = nil, flow: ConnectionFlow = ConnectionFlow(),
        answer: @escaping @Sendable (LoopbackServer, LoopbackServer.Connection) -> Void = answering(.ok),
        _ body: (BrokerBench) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory("send")
        let clock = SystemClock()
        let ids = IdentifierGenerator(clock: clock, random: SystemRandomSource())
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let queue = try await SQLiteQueue.open(
            path: directory.file("hub.db"), clock: clock, ids: ids, node: "test", logger: logger)
        let vendor = try LoopbackServer(answer)
        let secrets = SecretTable(["TOKEN": "test-token"])
        let connector = try ConnectorDefinition.decode(yaml: Self.connector, id: "vendor", file: "connector.yaml")
        @Sendable func connection(_ baseURL: String, _ flow: ConnectionFlow) throws -> Connection {
            let configuration = ConnectionConfiguration(
                name: "vendor", connector: "vendor", credentials: ["token": "TOKEN"], baseURL: baseURL,
                rate: rate.flatMap { RateLimit($0) }, concurrency: concurrency, timeout: .seconds(20),
                retryOn: RetryRule(retryOn.compactMap { RetryRule.Entry($0) }), flow: flow)
            return try Connection(configuration, connector: connector)
        }
        let url = "http://127.0.0.1:\(vendor.port)"
        let found = try connection(url, flow)
        let connections = ConnectionTable(
            connections: [try baseURL.map { try connection($0, flow) } ?? found], secrets: secrets, version: "0.1.0",
            breaker: breaker, budget: budget, clock: clock)
        let notices = RecordingNotices()
        let egress = EgressClient(
            guarding: AddressGuard(allowances: ["127.0.0.0/8"].compactMap { AddressGuard.Allowance($0) }),
            limits: EgressLimits(firstByte: firstByte, total: .seconds(20)), clock: clock, logger: logger)
        let dispatcher = EffectDispatcher(
            connections: connections, writer: queue, reader: queue, egress: egress, tenantKey: tenantKey,
            policy: policy, limits: limits, reachability: reachability, health: health, notices: notices, clock: clock,
            random: SeededRandomSource(seed: 3), identifiers: ids, logger: logger)
        let group = ServiceGroup(services: [dispatcher], gracefulShutdownSignals: [], logger: logger)
        let sending = Task { try await egress.run() }
        let dispatching = Task { try await group.run() }
        let bench = BrokerBench(
            queue: queue, vendor: vendor, secrets: secrets, dispatcher: dispatcher, egress: egress, ids: ids,
            notices: notices, find: { connections.replace(connections: [found], secrets: secrets) },
            take: { connections.replace(connections: [try connection(url, $0)], secrets: secrets) }, dispatching: group,
            ending: dispatching, directory: directory)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(bench))
        } catch {
            outcome = .failure(error)
        }
        dispatching.cancel()
        sending.cancel()
        _ = await (dispatching.result, sending.result)
        await queue.close()
        try outcome.get()
    }

    /// Asks the dispatcher to shut down, as SIGTERM does.
    func stopDispatching() async { await dispatching.triggerGracefulShutdown() }

    /// Waits until it has.
    func dispatchingEnds() async { _ = await ending.result }

    private init(
        queue: SQLiteQueue, vendor: LoopbackServer, secrets: SecretTable, dispatcher: EffectDispatcher,
        egress: EgressClient, ids: IdentifierGenerator, notices: RecordingNotices,
        find: @escaping @Sendable () -> Void, take: @escaping @Sendable (ConnectionFlow) throws -> Void,
        dispatching: ServiceGroup, ending: Task<Void, any Error>, directory: TemporaryDirectory
    ) {
        self.take = take
        self.queue = queue
        self.vendor = vendor
        self.secrets = secrets
        self.dispatcher = dispatcher
        self.egress = egress
        self.ids = ids
        self.notices = notices
        self.find = find
        self.dispatching = dispatching
        self.ending = ending
        self.directory = directory
    }

    private static let connector: String = {
        let classes = ["safe", "idempotent", "at_least_once", "at_most_once"].map { name in
            """
              \(name):
                summary: An operation
                effect: \(name)
                input: { type: object, required: [n], properties: { n: { type: integer } }, additionalProperties: false }
                request: { method: POST, path: /\(name), json: { n: "{input.n}" } }
                response: { output: { got: "{body.got}" } }
            """
        }
        return """
            name: Vendor
            auth: { kind: bearer, credential: token }
            operations:
            \(classes.joined(separator: "\n"))
              keyed:
                summary: An operation with a key
                effect: vendor_key
                idempotency: { header: Idempotency-Key, window: 24h }
                input: { type: object }
                request: { method: POST, path: /keyed, json: { n: "{input.n}" } }
              reconciled:
                summary: An operation that can be looked up
                effect: reconcile
                reconcile:
                  operation: find
                  input: { n: "{input.n}" }
                  found: { output.got: { $gte: 1 } }
                  output: { found: "{output.got}" }
                  after: 20ms
                  tries: 2
                input: { type: object }
                request: { method: POST, path: /reconciled, json: { n: "{input.n}" } }
              find:
                summary: What looks it up
                effect: safe
                input: { type: object, required: [n] }
                request: { method: GET, path: /find, query: { n: "{input.n}" } }
            """
    }()

    // MARK: The vendor

    /// What the vendor does with one request.
    enum Answer: Sendable {
        case ok
        case status(Int, String = "")
        case hangUp
        case silence
    }

    /// A vendor that answers its requests in turn, the last answer for all that follow.
    static func answering(
        _ answers: Answer...
    ) -> @Sendable (LoopbackServer, LoopbackServer.Connection) -> Void {
        let count = Mutex(0)
        let answers = answers
        return { server, connection in
            while let request = connection.readRequest() {
                server.note(request)
                let index = count.withLock { count in
                    defer { count += 1 }
                    return min(count, answers.count - 1)
                }
                switch answers[index] {
                case .ok: connection.write(response(200, "", "{\"got\":\(server.requests.count)}"))
                case .status(let status, let headers): connection.write(response(status, headers, "{\"no\":true}"))
                case .hangUp: return
                case .silence:
                    connection.waitForClose()
                    return
                }
            }
        }
    }

    /// A vendor that refuses the credentials of its first request, once it is let to; it takes all others.
    static let refusingFirst: @Sendable (LoopbackServer, LoopbackServer.Connection) -> Void = { server, connection in
        while let request = connection.readRequest() {
            server.note(request)
            guard server.requests.count == 1 else {
                connection.write(response(200, "", "{\"got\":1}"))
                continue
            }
            while !server.isReleased { usleep(1000) }
            connection.write(response(401, "", "{\"no\":true}"))
        }
    }

    private static func response(_ status: Int, _ headers: String, _ body: String) -> String {
        "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\n\(headers)"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    // MARK: Runs

    /// A run of a new event, leased.
    func leasedRun() async throws -> LeasedRun {
        let request = InboundRequest(
            method: "POST", url: "https://hub.example/hooks/crm", query: "", headers: HeaderFields(),
            body: Array("{}".utf8), peer: "192.0.2.1", receivedAt: clock.now())
        let event = Event(
            id: ids.next(), tenant: .default, source: "crm", type: "x", deliveryID: nil, receivedAt: clock.now(),
            headers: HeaderFields(), query: "", raw: request.body, bodyKind: .json)
        let accepted = AcceptedRequest(
            id: ids.next(), tenant: .default, source: "crm", request: request, verdict: .unsigned,
            events: [
                .init(
                    event: event, fingerprint: [UInt8](repeating: 1, count: 32),
                    runs: [.init(id: ids.next(), recipe: "lead", version: Self.version, startNow: true)])
            ], dedupeWindow: .seconds(60), lease: .seconds(30))
        return try #require(try await queue.accept(accepted).leased.first)
    }

    /// The next attempt of a run that fails now.
    func nextAttempt(of run: LeasedRun) async throws -> LeasedRun {
        _ = try await queue.finishRun(
            RunFinish(
                run: run.run.id, fence: run.fence, decision: .retry(at: clock.now()), counters: run.run.counters,
                attempt: nil, version: Self.version))
        let claimed = try await queue.claimRuns(RunClaim(limit: 10, lease: .seconds(30)))
        return try #require(claimed.first { $0.run.id == run.run.id })
    }

    func call(
        _ operation: String, _ run: LeasedRun, n: Int64 = 1, step: String = "s1", timeout: Duration = .seconds(5)
    ) async -> CallAnswer {
        await dispatcher.call(
            CallRequest(
                run: run, version: Self.version, connection: "vendor", operation: operation, input: ["n": .integer(n)],
                step: step, timeout: timeout))
    }

    func effect(_ run: LeasedRun, step: String = "s1") async throws -> Effect {
        try #require(try await queue.effect(origin: run.run.origin, step: step))
    }

    /// Ends a run with outputs; delivers those that may leave at once.
    func finish(_ run: LeasedRun, outputs: [OutputRequest]) async throws {
        let intents = try dispatcher.plan(outputs, of: run)
        let result = try await queue.finishRun(
            RunFinish(
                run: run.run.id, fence: run.fence, decision: .succeed, counters: run.run.counters.counting(nil),
                attempt: nil, version: Self.version, outputs: intents))
        guard case .finished(let leased) = result else {
            Issue.record("the run was not finished: \(result)")
            return
        }
        dispatcher.deliver(leased)
        let steps = Set(leased.map(\.effect.step))
        dispatcher.release(intents.filter { $0.startNow && !steps.contains($0.step) })
    }

    func output(
        _ operation: String, n: Int64 = 1, step: String = "s1", delay: Duration = .zero
    ) -> OutputRequest {
        OutputRequest(
            connection: "vendor", operation: operation, input: ["n": .integer(n)], step: step, delay: delay)
    }

    /// Waits until the delivery of an output is in one of these states.
    func delivery(
        of run: LeasedRun, step: String = "s1", in states: Set<WorkState>, isAfterTry: Bool = true
    ) async throws -> EffectDetail {
        try await Patience.value("an output in \(states)") {
            let effect = try await effect(run, step: step)
            guard let detail = try await queue.effect(effect.id), let delivery = detail.delivery,
                states.contains(delivery.state), !isAfterTry || !delivery.attempts.isEmpty
            else { return nil }
            return detail
        }
    }
}
