import Glibc
import GrapnelCore
import GrapnelCrypto
import GrapnelFormat
import GrapnelRun
import Logging
import TestSupport
import Testing

/// A pool of real programs for one test.
struct ProcessBench: Sendable {
    /// What every program of a test begins with: the two halves of the protocol, and nothing that hides it.
    private static let head = """
        #!/usr/bin/python3
        import json, os, signal, socket, subprocess, sys, time
        def say(**message):
            print(json.dumps(message), flush=True)
        def hear():
            line = sys.stdin.readline()
            if not line:
                sys.exit(0)
            return json.loads(line)
        def ask(number, **message):
            say(id=number, **message)
            return hear()
        def attempt(work):
            try:
                return work()
            except OSError as error:
                return type(error).__name__

        """

    let pool: ProcessPool
    let directory: TemporaryDirectory

    /// Where bubblewrap is.
    static func bubblewrap() throws -> String {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin"
        return try #require(Bubblewrap.find(in: path), "bubblewrap is not installed: make setup")
    }

    /// Keeps a pool for as long as `body` takes.
    static func with(
        maxProcesses: Int = 8, maxRuns: Int = 1000, temporary: ByteCount = .mebibytes(64), pending: Int = 64,
        line: ByteCount = .mebibytes(8), result: ByteCount = .kibibytes(256),
        _ body: (ProcessBench) async throws -> Void
    ) async throws {
        let configuration = ProcessPoolConfiguration(
            bubblewrap: try bubblewrap(), programs: "\(Checkout.root)/.build/debug", maxProcesses: maxProcesses,
            maxRuns: maxRuns, line: line, result: result, pending: pending, temporary: temporary)
        let pool = ProcessPool(
            configuration: configuration, clock: SystemClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let keeping = Task { try await pool.run() }
        let ended: Result<Void, any Error>
        do {
            ended = .success(try await body(ProcessBench(pool: pool, directory: TemporaryDirectory("grapnel-process"))))
        } catch {
            ended = .failure(error)
        }
        keeping.cancel()
        try await keeping.value
        #expect(pool.count == 0)
        try ended.get()
    }

    /// Runs a Python function body with the parameters `event` and `run`, again for each run that the program gets.
    func run(
        _ body: String, sandbox: ProcessHandler.Sandbox = .bubblewrap, recipe: String = "tested",
        tenant: TenantID = .default, version: RecipeVersion? = nil, event: Event = Sample.event(),
        batch: [Event] = [], isFresh: Bool = false,
        limits: RunLimits = RunLimits(), environment: [String: String] = [:], host: any IsolateHost = RecordingHost()
    ) async throws -> IsolateOutcome {
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
        let source = """
            def handle(event, run):
            \(lines.joined(separator: "\n"))
            while True:
                message = hear()
                value = handle(message["event"], message["run"])
                say(type="result", value=value)
            """
        return try await start(
            source, mode: .warm, sandbox: sandbox, recipe: recipe, tenant: tenant, version: version, event: event,
            batch: batch, isFresh: isFresh, limits: limits, environment: environment, host: host)
    }

    /// Runs a whole program.
    func start(
        _ source: String, mode: ProcessHandler.Mode = .warm, sandbox: ProcessHandler.Sandbox = .bubblewrap,
        arguments: [String] = [], recipe: String = "tested", tenant: TenantID = .default,
        version: RecipeVersion? = nil, event: Event = Sample.event(), batch: [Event] = [], isFresh: Bool = false,
        limits: RunLimits = RunLimits(), environment: [String: String] = [:], host: any IsolateHost = RecordingHost()
    ) async throws -> IsolateOutcome {
        let text = ProcessBench.head + source + "\n"
        let hash = Hex.encode(Digest.hash(Array(text.utf8), .sha256))
        let folder = directory.file("\(hash.prefix(16))")
        if access("\(folder)/handler.py", X_OK) != 0 {
            try #require(FileText.write(text, to: "\(folder)/handler.py"))
            chmod("\(folder)/handler.py", 0o755)
        }
        let command = try (["./handler.py"] + arguments).map { try Template($0) }
        var job = IsolateJob(
            tenant: tenant, recipe: recipe, version: version ?? RecipeVersion(hash), source: [],
            environment: environment, run: Identifier(high: 2, low: 1), attempt: 1, event: event, isFresh: isFresh,
            limits: limits,
            process: ProcessProgram(
                handler: ProcessHandler(command: command, mode: mode, sandbox: sandbox), folder: folder))
        job.batch = batch
        return await pool.execute(job, host: host)
    }

    /// What a function body returns; a failure is an error.
    func value(_ body: String, sandbox: ProcessHandler.Sandbox = .bubblewrap) async throws -> JSON? {
        let outcome = try await run(body, sandbox: sandbox)
        guard case .returned(let value) = outcome.result else { throw HostedError("\(outcome.result)") }
        return value
    }
}
