import Glibc
import GrapnelCore
import GrapnelFormat
import GrapnelRun
import TestSupport
import Testing

/// How programs are started, kept, and let go, and how each of their deaths is named.
@Suite struct ProcessLifeTests {
    /// Counts the runs of its program.
    private static let counting = "run_count = globals().get('n', 0) + 1\nglobals()['n'] = run_count\nreturn run_count"

    private func failure(_ outcome: IsolateOutcome) -> AttemptFailure? {
        if case .failed(let failure) = outcome.result { failure } else { nil }
    }

    @Test(arguments: ProcessHandler.Sandbox.allCases)
    func `a program serves one version of one recipe of one tenant`(sandbox: ProcessHandler.Sandbox) async throws {
        try await ProcessBench.with { bench async throws in
            #expect(try await bench.run(Self.counting, sandbox: sandbox).result == .returned(1))
            let warm = try await bench.run(Self.counting, sandbox: sandbox)
            #expect(warm.result == .returned(2))
            #expect(!warm.coldStart)
            let other = try await bench.run(Self.counting, sandbox: sandbox, tenant: TenantID("other"))
            #expect(other.result == .returned(1))
            let renamed = try await bench.run(Self.counting, sandbox: sandbox, recipe: "another")
            #expect(renamed.result == .returned(1))
            let newer = try await bench.run(Self.counting, sandbox: sandbox, version: Sample.version)
            #expect(newer.result == .returned(1))
            #expect(try await bench.run(Self.counting, sandbox: sandbox).result == .returned(3))
        }
    }

    @Test func `a program is replaced after so many runs`() async throws {
        try await ProcessBench.with(maxRuns: 2) { bench async throws in
            var counts: [JSON?] = []
            for _ in 0..<5 { counts.append(try await bench.value(Self.counting)) }
            #expect(counts == [1, 2, 1, 2, 1])
        }
    }

    @Test func `a fresh run gets a program of its own`() async throws {
        try await ProcessBench.with { bench async throws in
            for _ in 0..<2 {
                #expect(try await bench.run(Self.counting, isFresh: true).result == .returned(1))
            }
        }
    }

    @Test func `a retired version's program is gone`() async throws {
        try await ProcessBench.with { bench async throws in
            #expect(try await bench.run(Self.counting, version: Sample.version).result == .returned(1))
            bench.pool.retire(version: Sample.version)
            #expect(try await bench.run(Self.counting, version: Sample.version).result == .returned(1))
        }
    }

    @Test func `runs beyond the programs wait their turn, and an idle program makes room`() async throws {
        try await ProcessBench.with(maxProcesses: 2) { bench async throws in
            let results = try await withThrowingTaskGroup(of: IsolateOutcome.Result.self) { group in
                for number in 0..<9 {
                    group.addTask {
                        try await bench.run("time.sleep(0.01)\nreturn 'done'", recipe: "recipe-\(number % 3)").result
                    }
                }
                var all: [IsolateOutcome.Result] = []
                for try await result in group { all.append(result) }
                return all
            }
            #expect(results == Array(repeating: .returned("done"), count: 9))
            #expect(bench.pool.count <= 2)
        }
    }

    @Test func `a crash in a run is named, and the next run has a new program`() async throws {
        try await ProcessBench.with { bench async throws in
            let body = "\(Self.counting.replacing("return run_count", with: ""))\nif event['body'].get('die'):\n"
            let crash = body + "    os.kill(os.getpid(), signal.SIGSEGV)\nreturn run_count"
            #expect(try await bench.run(crash).result == .returned(1))
            let outcome = try await bench.run(crash, event: Sample.event(body: #"{"die":true}"#))
            #expect(failure(outcome)?.kind == .crash)
            #expect(failure(outcome)?.message == "the handler was ended by signal \(SIGSEGV)")
            #expect(try await bench.run(crash).result == .returned(1))
        }
    }

    @Test(arguments: ProcessHandler.Sandbox.allCases)
    func `an exit in a run is named with its status and its last words`(sandbox: ProcessHandler.Sandbox) async throws {
        try await ProcessBench.with { bench async throws in
            let outcome = try await bench.run("print('bye', file=sys.stderr)\nsys.exit(7)", sandbox: sandbox)
            #expect(failure(outcome) == AttemptFailure(.exit, "the handler ended with status 7: bye"))
            let thrown = try await bench.run("return event['nothing']", sandbox: sandbox)
            #expect(failure(thrown)?.message == "the handler ended with status 1: KeyError: 'nothing'")
        }
    }

    @Test func `a program that ends between runs is replaced`() async throws {
        try await ProcessBench.with { bench async throws in
            let source = "hear()\nsay(type='result', value=1)"
            #expect(try await bench.start(source).result == .returned(1))
            let again = try await bench.start(source)
            #expect(again.result == .returned(1))
            #expect(again.coldStart)
        }
    }

    @Test(arguments: ProcessHandler.Sandbox.allCases)
    func `a hang is stopped by the wall clock`(sandbox: ProcessHandler.Sandbox) async throws {
        try await ProcessBench.with { bench async throws in
            let outcome = try await bench.run(
                "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)", sandbox: sandbox,
                limits: RunLimits(wall: .milliseconds(300)))
            #expect(failure(outcome)?.kind == .wall)
            #expect(try await bench.value("return 'next'", sandbox: sandbox) == "next")
        }
    }

    @Test(arguments: ProcessHandler.Sandbox.allCases)
    func `a loop is stopped by its processor time`(sandbox: ProcessHandler.Sandbox) async throws {
        try await ProcessBench.with { bench async throws in
            let outcome = try await bench.run(
                "while True: pass", sandbox: sandbox, limits: RunLimits(cpu: .milliseconds(200), wall: .seconds(60)))
            #expect(failure(outcome)?.kind == .cpu, "\(outcome.result)")
        }
    }

    @Test func `the processor time of what it starts counts`() async throws {
        try await ProcessBench.with { bench async throws in
            let outcome = try await bench.run(
                "subprocess.run(['/bin/sh', '-c', 'while :; do :; done'])",
                limits: RunLimits(cpu: .milliseconds(300), wall: .seconds(60)))
            #expect(failure(outcome)?.kind == .cpu, "\(outcome.result)")
        }
    }

    @Test func `each run has its own processor time`() async throws {
        try await ProcessBench.with { bench async throws in
            let body = "until = time.process_time() + 0.3\nwhile time.process_time() < until: pass\nreturn os.getpid()"
            let limits = RunLimits(cpu: .seconds(1), wall: .seconds(60))
            for number in 0..<4 {
                let outcome = try await bench.run(body, limits: limits)
                #expect(outcome.result == .returned(.integer(3)) || failure(outcome) == nil, "\(outcome.result)")
                #expect(outcome.coldStart == (number == 0))
            }
        }
    }

    @Test(arguments: ProcessHandler.Sandbox.allCases)
    func `memory beyond the budget ends the run`(sandbox: ProcessHandler.Sandbox) async throws {
        try await ProcessBench.with { bench async throws in
            let outcome = try await bench.run(
                "all = []\nwhile True: all.append(bytearray(b'x' * (1 << 20)))", sandbox: sandbox,
                limits: RunLimits(cpu: .seconds(20), wall: .seconds(60)))
            #expect(failure(outcome)?.kind == .memory, "\(outcome.result)")
            #expect(try await bench.value("return 'next'", sandbox: sandbox) == "next")
        }
    }

    @Test func `one request for too much is refused by the system`() async throws {
        try await ProcessBench.with { bench async throws in
            let outcome = try await bench.run(
                "try:\n    bytearray(4 << 30)\nexcept MemoryError:\n    return 'refused'")
            #expect(outcome.result == .returned("refused"))
        }
    }

    @Test func `a run that is called off is handed back`() async throws {
        try await ProcessBench.with { bench async throws in
            let (asked, ask) = AsyncStream.makeStream(of: Void.self)
            let host = RecordingHost { _ in
                ask.yield()
                return .text(nil)
            }
            let work = Task {
                try await bench.run("ask(1, type='kv', op='get', key='k')\ntime.sleep(600)", host: host)
            }
            for await _ in asked { break }
            work.cancel()
            #expect(failure(try await work.value)?.kind == .handedBack)
        }
    }

    @Test func `the pool's end ends what runs`() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let host = RecordingHost { _ in
            ask.yield()
            return .text(nil)
        }
        let (ended, end) = AsyncStream.makeStream(of: IsolateOutcome.self)
        try await ProcessBench.with { bench async throws in
            Task {
                let body = "ask(1, type='kv', op='get', key='k')\ntime.sleep(600)"
                if let outcome = try? await bench.run(body, host: host) { end.yield(outcome) }
            }
            for await _ in asked { break }
        }
        for await outcome in ended {
            #expect(failure(outcome)?.kind == .handedBack)
            break
        }
    }

    @Test func `a program that cannot be started is named`() async throws {
        try await ProcessBench.with { bench async throws in
            let command = [try Template("nothing-of-the-kind")]
            let outcome = await bench.pool.execute(
                IsolateJob(
                    tenant: .default, recipe: "r", version: Sample.version, source: [],
                    run: Identifier(high: 2, low: 1), attempt: 1, event: Sample.event(),
                    process: ProcessProgram(
                        handler: ProcessHandler(command: command, mode: .once), folder: bench.directory.path)),
                host: RecordingHost())
            #expect(failure(outcome)?.kind == .bundle)
            #expect(failure(outcome)?.message.contains("there is no program nothing-of-the-kind") == true)
        }
    }
}
