import GrapnelCore
import GrapnelRun
import Testing

/// Handlers that would take everything: each is one failed attempt with a named reason, and the next run is fine.
@Suite struct BombTests {
    static let bombs: [(name: String, handler: String, kinds: Set<AttemptFailureKind>)] = [
        ("infinite loop", "while (true) {}", [.cpu]),
        ("microtask loop", "const again = () => Promise.resolve().then(again); await again()", [.cpu, .memory]),
        ("endless await", "for (;;) await null", [.cpu, .memory]),
        ("regex bomb", "for (;;) /(a+)+b/.test('a'.repeat(60))", [.cpu]),
        ("string doubling", "let s = 'x'; for (;;) s += s", [.threw, .memory]),
        ("large array", "return Array(1e8).fill({}).length", [.threw, .memory, .cpu]),
        (
            "a million promises",
            "const all = []; for (let i = 0; i < 1e6; i++) all.push(new Promise(() => {})); await Promise.all(all)",
            [.threw, .memory, .cpu]
        ),
        ("deep recursion", "const down = (n) => down(n + 1) + 1; return down(0)", [.threw]),
        ("log flood", "for (;;) log.info('again')", [.limit, .cpu, .wall]),
        ("call flood", "for (;;) call.slack.postMessage({})", [.limit]),
        ("output flood", "for (;;) send.slack.postMessage({})", [.limit]),
        (
            "endless timers", "const again = () => setTimeout(again, 0); again(); await new Promise(() => {})",
            [.cpu, .wall]
        ),
        ("a large result", "return 'x'.repeat(3 << 20)", [.limit]),
    ]

    @Test(arguments: bombs.indices)
    func `a bomb is one failed attempt`(index: Int) async throws {
        let bomb = Self.bombs[index]
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run(
                bomb.handler, limits: RunLimits(cpu: .milliseconds(300), wall: .seconds(5)))
            guard case .failed(let failure) = outcome.result else {
                Issue.record("\(bomb.name): \("\(outcome.result)".prefix(300))")
                return
            }
            #expect(bomb.kinds.contains(failure.kind), "\(bomb.name): \(failure)")
            #expect(!failure.message.isEmpty)
            #expect(try await bench.value("return 'next'") == "next")
        }
    }

    @Test func `what a handler leaves running is its own run's fault, and no other's`() async throws {
        try await IsolateBench.with { bench async throws in
            let handler = "(async () => { for (let i = 0; i < 50; i++) await 0; for (;;) {} })(); return 'done'"
            for _ in 0..<2 {
                let outcome = await bench.run(handler, limits: RunLimits(cpu: .milliseconds(100)))
                guard case .failed(let failure) = outcome.result else {
                    Issue.record("\(outcome.result)")
                    return
                }
                #expect(failure.kind == .cpu && outcome.coldStart)
            }
        }
    }

    @Test func `code that loops at its top is stopped like a handler, and code that throws there is not tried again`()
        async throws
    {
        try await IsolateBench.with { bench async throws in
            let loop = await bench.run(
                "return 1", limits: RunLimits(cpu: .milliseconds(100), wall: .seconds(20)), before: "for (;;) {}\n")
            guard case .failed(let stopped) = loop.result else {
                Issue.record("\(loop.result)")
                return
            }
            #expect(stopped.kind == .cpu)
            let thrown = await bench.run("return 1", before: "throw new Error('at the top')\n")
            guard case .failed(let failure) = thrown.result else {
                Issue.record("\(thrown.result)")
                return
            }
            #expect(failure.kind == .bundle && !failure.isRetryable)
            #expect(failure.message.contains("at the top"))
        }
    }

    @Test func `an event that is too large fails its run before it begins`() async throws {
        try await IsolateBench.with { bench async throws in
            var event = Sample.event()
            event.raw = [UInt8](repeating: 32, count: 3000)
            let outcome = await bench.run("return 1", event: event, limits: RunLimits(event: .kibibytes(2)))
            guard case .failed(let failure) = outcome.result else {
                Issue.record("\(outcome.result)")
                return
            }
            #expect(failure.kind == .limit && !failure.isRetryable)
            #expect(failure.message.contains("limits.event"))
        }
    }

    @Test func `lines of the log beyond the limit are counted`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost()
            let outcome = await bench.run(
                "for (let i = 0; i < 30; i++) log.info(`${i}`)", limits: RunLimits(lines: 10), host: host)
            #expect(outcome.result == .returned(JSON?.none))
            #expect(host.log.map(\.message) == (0..<10).map { "\($0)" })
            #expect(outcome.droppedLogLines == 20)
        }
    }

    @Test func `calls beyond the concurrency wait their turn, and all are answered`() async throws {
        try await IsolateBench.with { bench async throws in
            let atOnce = HighWater()
            let host = RecordingHost { _ in
                await atOnce.enter()
                return .text(Array(#"{"ok":true}"#.utf8))
            }
            let outcome = await bench.run(
                """
                const answers = await Promise.all(Array.from({ length: 20 }, () => call.slack.postMessage({})))
                return answers.filter(answer => answer.ok).length
                """, limits: RunLimits(concurrency: 3), host: host)
            #expect(outcome.result == .returned(20))
            #expect(atOnce.most <= 3)
        }
    }
}
