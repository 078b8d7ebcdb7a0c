import GrapnelCore
import GrapnelCrypto
import GrapnelFormat
import GrapnelIngest
import GrapnelQueue
import Logging
import ServiceLifecycle
import TestSupport

/// The hooks over real sockets, with the shipped providers, on a real queue. Recipes are scripted.
struct IngestBench: Sendable {
    static let secret = "the-secret-of-this-test"
    /// One source of every kind.
    static let sources = """
        sources:
          github: { provider: github, secrets: [SECRET] }
          small: { provider: github, secrets: [SECRET], max_body: 1KiB }
          sms: { provider: twilio, secrets: [SECRET] }
          crm: { provider: hubspot, secrets: [SECRET] }
          slack: { provider: slack, secrets: [SECRET] }
          shared: { provider: key, secrets: [SECRET] }
          inpath: { provider: key, secrets: [SECRET], options: { path: true } }
          inquery: { provider: key, secrets: [SECRET], options: { query: token } }
          open: { provider: none, insecure: true }

        """

    private struct Secrets: SecretReading {
        func secret(named name: String) -> [UInt8]? { Array(IngestBench.secret.utf8) }
    }

    let queue: SQLiteQueue
    let clock: ManualClock
    let server: IngestServer
    let address: RawHTTP.Address
    /// Ends the queue alone: then nothing can be stored.
    let closeQueue: @Sendable () async -> Void
    /// Asks the hooks to end as a hub does.
    let shutDown: @Sendable () async -> Void

    static func with(
        settings: String = "", recipes: ScriptedRecipes = ScriptedRecipes(), limits: IngestLimits = IngestLimits(),
        _ body: @Sendable @escaping (IngestBench) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let clock = ManualClock()
        let ids = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 5))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let hub = try HubConfiguration.decode(yaml: sources + settings, file: "grapnel.yaml")
        let providers = try ShippedProvider.names.map { try ShippedProvider.load($0) }
        let queue = try await SQLiteQueue.open(
            path: directory.file("grapnel.db"), clock: clock, ids: ids, node: "test", logger: logger)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = IngestServer(
            address: ListenAddress(host: "127.0.0.1", port: 0),
            sources: try hub.sources.map {
                try Source($0, providers: providers, secrets: Secrets(), publicURL: hub.publicURL)
            }, trustedProxies: hub.trustedProxies, queue: queue, matcher: recipes, runs: recipes, ids: ids,
            clock: clock, limits: limits, logger: logger
        ) { port.yield($0) }
        let storing = ServiceGroup(configuration: .init(services: [.init(service: queue)], logger: logger))
        let serving = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await storing.run() }
            tasks.addTask { try await serving.run() }
            var result: Result<Void, any Error> = .success(())
            for await number in ports {
                let bench = IngestBench(
                    queue: queue, clock: clock, server: server, address: .port(number),
                    closeQueue: { await storing.triggerGracefulShutdown() },
                    shutDown: { await serving.triggerGracefulShutdown() })
                do { try await body(bench) } catch { result = .failure(error) }
                break
            }
            await serving.triggerGracefulShutdown()
            await storing.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try result.get()
        }
    }

    /// Sends a request and gives the answer.
    func send(
        _ method: String = "POST", _ target: String, _ headers: [(String, String)] = [], body: String = ""
    ) async throws -> RawHTTP.Answer {
        let bytes = RawHTTP.request(method, target, headers, body: Array(body.utf8))
        guard let answer = try await RawHTTP.exchange(address, bytes) else { throw RawHTTPError(code: 0) }
        return answer
    }

    /// The headers of a delivery as GitHub signs it.
    static func github(_ body: String, delivery: String = "d1", type: String = "push") -> [(String, String)] {
        let signature = HMACSignature.sign(Array(body.utf8), key: Array(secret.utf8), algorithm: .sha256)
        return [
            ("Content-Type", "application/json"), ("X-GitHub-Event", type), ("X-GitHub-Delivery", delivery),
            ("X-Hub-Signature-256", "sha256=\(Hex.encode(signature))"),
        ]
    }

    /// The newest events first.
    func events() async throws -> [Event] {
        let found = try await queue.events(EventQuery())
        return found.map(\.event)
    }
}
