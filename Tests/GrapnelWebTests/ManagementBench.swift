import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import GrapnelWeb
import Logging
import ServiceLifecycle
import TestSupport

/// The management API over real sockets, on a real queue.
struct ManagementBench: Sendable {
    static let token = "the-token-of-this-test"

    let queue: SQLiteQueue
    let ids: IdentifierGenerator
    let clock: ManualClock
    let socket: RawHTTP.Address
    let port: RawHTTP.Address

    static func with(
        control: ScriptedControl = ScriptedControl(), _ body: @Sendable @escaping (ManagementBench) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let clock = ManualClock()
        let ids = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 3))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let queue = try await SQLiteQueue.open(
            path: directory.file("grapnel.db"), clock: clock, ids: ids, node: "test", logger: logger)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = ManagementServer(
            socket: directory.file("api.sock"), address: ListenAddress(host: "127.0.0.1", port: 0), token: token,
            queue: queue, control: control, ids: ids, clock: clock, logger: logger
        ) { port.yield($0) }
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: queue), .init(service: server)], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var result: Result<Void, any Error> = .success(())
            for await number in ports {
                do {
                    try await body(
                        ManagementBench(
                            queue: queue, ids: ids, clock: clock, socket: .socket(directory.file("api.sock")),
                            port: .port(number)))
                } catch {
                    result = .failure(error)
                }
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try result.get()
        }
    }

    /// What the API answers over its socket.
    func ask(_ method: String, _ path: String, _ document: JSON? = nil) async throws -> RawHTTP.Answer {
        let body = document.map { JSONWriter.bytes($0) } ?? []
        guard let answer = try await RawHTTP.exchange(socket, RawHTTP.request(method, path, body: body)) else {
            throw RawHTTPError(code: 0)
        }
        return answer
    }

    /// Stores an event with a run that nobody has leased.
    @discardableResult
    func accept(
        delivery: String = "d1", fingerprint: UInt8 = 1, body: String = #"{"number":57}"#
    ) async throws -> (event: Event, run: Identifier<Run>) {
        let event = Event(
            id: ids.next(), tenant: .default, source: "github", type: "issues.opened", deliveryID: delivery,
            receivedAt: clock.now(), headers: HeaderFields([("Content-Type", "application/json")]), query: "",
            raw: Array(body.utf8), bodyKind: .json)
        let run = AcceptedRequest.NewRun(
            id: ids.next(), recipe: "greeter", version: RecipeVersion(String(repeating: "a", count: 64)),
            startNow: false)
        let request = InboundRequest(
            method: "POST", url: "http://hub/hooks/github", query: "",
            headers: HeaderFields([("Content-Type", "application/json")]), body: event.raw, peer: "127.0.0.1",
            receivedAt: clock.now())
        _ = try await queue.accept(
            AcceptedRequest(
                id: ids.next(), tenant: .default, source: "github", request: request, verdict: .unsigned,
                events: [.init(event: event, fingerprint: [fingerprint], runs: [run])], dedupeWindow: .seconds(600),
                lease: .seconds(30)))
        return (event, run.id)
    }

    /// Keeps a request whose signature was wrong.
    func reject() async throws -> Identifier<InboundRequest> {
        let request = InboundRequest(
            method: "POST", url: "http://hub/hooks/github", query: "",
            headers: HeaderFields([("X-Hub-Signature-256", "sha256=00")]), body: [], peer: "127.0.0.1",
            receivedAt: clock.now())
        let id = ids.next(InboundRequest.self)
        try await queue.record(
            RejectedRequest(
                id: id, tenant: .default, source: "github", request: request, kind: .wrongSignature,
                detail: "no active secret matches"))
        return id
    }
}
