import GrapnelCore
import GrapnelRun
import Testing

/// What a handler cannot do, and what the attempt then says.
@Suite struct IsolateLimitTests {
    private func failure(_ outcome: IsolateOutcome) -> AttemptFailure? {
        if case .failed(let failure) = outcome.result { failure } else { nil }
    }

    @Test func `a loop is stopped by its processor time`() async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run("while (true) {}", limits: RunLimits(cpu: .milliseconds(100)))
            #expect(failure(outcome)?.kind == .cpu)
            #expect(try await bench.value("return 'next'") == "next")
        }
    }

    @Test func `a wait is stopped by the wall clock`() async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run(
                "await new Promise((done) => setTimeout(done, 60_000))", limits: RunLimits(wall: .milliseconds(100)))
            #expect(failure(outcome)?.kind == .wall)
        }
    }

    @Test(arguments: [
        "const all = []; while (true) all.push(new Uint8Array(1 << 20).fill(7))",
        "let text = 'x'; while (true) text = text + text + Math.random()",
        "const all = []; while (true) all.push({ n: Math.random(), list: [1, 2, 3] })",
    ])
    func `memory beyond the budget ends the run`(handler: String) async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run(handler, limits: RunLimits(cpu: .seconds(20)))
            // An engine that sees its own limit throws; one that does not is stopped.
            let isNamed = failure(outcome).map { $0.kind == .memory || $0.message.contains("memory") } ?? false
            #expect(isNamed, "\(outcome.result)")
            #expect(try await bench.value("return 'next'") == "next")
        }
    }

    @Test func `endless recursion is an error of the handler`() async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run("const again = () => again() + 1; return again()")
            #expect(failure(outcome)?.kind == .threw)
            #expect(failure(outcome)?.message.contains("RangeError") == true)
        }
    }

    @Test func `a flood of log lines is cut and counted`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost()
            let outcome = await bench.run(
                "for (let i = 0; i < 1000; i++) log.info('x'.repeat(100))",
                limits: RunLimits(log: .kibibytes(8)), host: host)
            #expect(outcome.result == .returned(JSON?.none))
            #expect(outcome.droppedLogLines + host.log.count == 1000)
            #expect(host.log.reduce(0) { $0 + $1.message.utf8.count } <= 8 << 10)
            #expect(!host.log.isEmpty)
        }
    }

    @Test func `one call or output too many fails the run`() async throws {
        try await IsolateBench.with { bench async throws in
            let calls = await bench.run(
                "for (let i = 0; i < 4; i++) await call.crm.getContact({})", limits: RunLimits(calls: 3))
            #expect(failure(calls)?.message.contains("more than 3 calls") == true)
            let outputs = await bench.run(
                "for (let i = 0; i < 4; i++) send.slack.postMessage({})", limits: RunLimits(outputs: 3))
            #expect(failure(outputs)?.message.contains("more than 3 outputs") == true)
        }
    }

    @Test(arguments: ["eval('1 + 1')", "new Function('return 1')()", "(async () => {}).constructor('return 1')()"])
    func `text does not become code`(expression: String) async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run("return \(expression)")
            #expect(failure(outcome)?.kind == .threw, "\(outcome.result)")
        }
    }

    @Test func `there is no way to the system`() async throws {
        try await IsolateBench.with { bench async throws in
            #expect(
                try await bench.value(
                    """
                    return ['require', 'Deno', 'Bun', 'print', 'load', 'readFile', 'quit', '__grapnel', 'vm',
                      'SharedArrayBuffer', 'WebAssembly', '$vm'].filter((name) => {
                        try { return name in globalThis && globalThis[name] !== undefined } catch { return true } })
                    """) == .array([]))
        }
    }
}
