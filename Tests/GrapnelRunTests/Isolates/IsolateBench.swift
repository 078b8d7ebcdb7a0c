import GrapnelCore
import GrapnelCrypto
import GrapnelRun
import Logging
import TestSupport

/// A pool of real isolates for one test.
struct IsolateBench: Sendable {
    let pool: IsolatePool

    /// Keeps a pool for as long as `body` takes.
    static func with(
        waiting: Int = 1, maxIsolates: Int = 256, maxRuns: Int = 1000, allowsJIT: Bool = true,
        allowsWebAssembly: Bool = false, zygoteForks: Int = 100_000,
        executable: String = "\(Checkout.root)/.build/debug/grapnel-isolate",
        _ body: (IsolateBench) async throws -> Void
    ) async throws {
        let configuration = IsolatePoolConfiguration(
            executable: executable, waiting: waiting, maxIsolates: maxIsolates, allowsJIT: allowsJIT,
            allowsWebAssembly: allowsWebAssembly,
            maxRuns: maxRuns, zygoteForks: zygoteForks)
        let pool = IsolatePool(
            configuration: configuration, clock: SystemClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let keeping = Task { try await pool.run() }
        do {
            try await body(IsolateBench(pool: pool))
        } catch {
            keeping.cancel()
            throw error
        }
        keeping.cancel()
        try await keeping.value
    }

    /// Runs the body of a handler; its first line is line 2 of `handler.js`.
    func run(
        _ handler: String, version: RecipeVersion? = nil, recipe: String = "tested",
        tenant: TenantID = .default, event: Event = Sample.event(), isFresh: Bool = false,
        limits: RunLimits = RunLimits(), host: any IsolateHost = RecordingHost(), before: String = ""
    ) async -> IsolateOutcome {
        let source = IsolateBench.source(handler, before: before)
        return await pool.execute(
            IsolateJob(
                tenant: tenant, recipe: recipe, version: version ?? IsolateBench.version(of: source),
                source: Array(source.utf8),
                environment: ["CHANNEL": "#triage"], connections: ["slack": ["postMessage"], "crm": ["getContact"]],
                run: Identifier(high: 2, low: 1), attempt: 1, event: event, isFresh: isFresh, limits: limits),
            host: host)
    }

    /// What a handler's body returns; a failure is an error.
    func value(_ handler: String, version: RecipeVersion? = nil, recipe: String = "tested") async throws
        -> JSON?
    {
        switch await run(handler, version: version, recipe: recipe).result {
        case .returned(let value): return value
        case .replied(let reply): return .string(String(decoding: reply.body, as: UTF8.self))
        case .failed(let failure): throw BenchFailure(failure: failure)
        }
    }

    /// The bundle whose handler has this body.
    static func source(_ handler: String, before: String = "") -> String {
        """
        \(before)var __mod = { default: async function (event, { call, send, emit, kv, log, env }) {
        \(handler)
        } }
        """
    }

    /// Other code is another version, or a warm isolate would run what it has.
    static func version(of source: String) -> RecipeVersion {
        RecipeVersion(Hex.encode(Digest.hash(Array(source.utf8), .sha256)))
    }
}
