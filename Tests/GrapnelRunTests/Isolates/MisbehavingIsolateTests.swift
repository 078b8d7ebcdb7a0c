import GrapnelCore
import GrapnelRun
import Logging
import TestSupport
import Testing

/// A child that breaks the protocol: its run fails with that reason, the hub goes on, and nothing that it says of itself
/// counts.
@Suite struct MisbehavingIsolateTests {
    /// What became of a run in a child that misbehaves in a way, and what its host heard.
    private func run(_ way: String, wall: Duration = .seconds(10)) async throws -> (IsolateOutcome, RecordingHost) {
        let directory = try TemporaryDirectory()
        let program = directory.file("misbehave-\(way)")
        try SandboxTarget.copy("\(Checkout.root)/.build/debug/sandbox-probe", to: program)
        let pool = IsolatePool(
            configuration: IsolatePoolConfiguration(executable: program, waiting: 1), clock: SystemClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let host = RecordingHost()
        let keeping = Task { try await pool.run() }
        let outcome = await pool.execute(
            IsolateJob(
                tenant: .default, recipe: "tested", version: Sample.version, source: [],
                connections: ["slack": ["postMessage"]], run: Identifier(high: 2, low: 1), attempt: 1,
                event: Sample.event(), limits: RunLimits(wall: wall, log: .kibibytes(8))), host: host)
        keeping.cancel()
        try await keeping.value
        return (outcome, host)
    }

    @Test(arguments: ["oversized", "kind", "hub-kind", "ready-again", "no-json", "deep", "endless"])
    func `a frame that is none ends the isolate`(way: String) async throws {
        let (outcome, _) = try await run(way)
        guard case .failed(let failure) = outcome.result else {
            Issue.record("\(outcome.result)")
            return
        }
        #expect(failure.kind == .protocol, "\(failure)")
        #expect(failure.kind.isDeath)
    }

    @Test func `a child that dies in the middle of a frame is one that ended`() async throws {
        let (outcome, _) = try await run("truncated")
        guard case .failed(let failure) = outcome.result else {
            Issue.record("\(outcome.result)")
            return
        }
        #expect(failure.kind == .exit || failure.kind == .crash, "\(failure)")
    }

    @Test func `a flood of frames is ended by the clock, and most of it is not kept`() async throws {
        let (outcome, host) = try await run("flood", wall: .milliseconds(300))
        guard case .failed(let failure) = outcome.result else {
            Issue.record("\(outcome.result)")
            return
        }
        #expect(failure.kind == .wall || failure.kind == .protocol, "\(failure)")
        let kept = host.log.reduce(0) { $0 + $1.message.utf8.count }
        #expect(kept <= 8 << 10)
        #expect(outcome.droppedLogLines > 0)
    }

    @Test func `what a child says of who it is counts for nothing`() async throws {
        let (outcome, host) = try await run("foreign")
        #expect(outcome.result == .returned("done"))
        // The host is this run's; whether the connection is the recipe's is for it to say.
        guard case .send(let output)? = host.outputs.first else {
            Issue.record("\(host.outputs)")
            return
        }
        #expect(output.connection == "stripe" && host.outputs.count == 1)
    }

    @Test func `a second result is one too many, and the first stands`() async throws {
        let (outcome, _) = try await run("twice")
        #expect(outcome.result == .returned("first"))
    }
}
