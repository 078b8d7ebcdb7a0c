import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    private static let minute = RunFlow.Rate(key: "", count: 2, interval: .seconds(60))

    private static func pause(_ bench: Bench, _ source: String = "crm") async throws {
        _ = try await bench.queue.pause(PauseOrder(kind: .source, name: source, reason: "maintenance"))
    }

    private static func resume(_ bench: Bench, _ source: String = "crm") async throws {
        while try await bench.queue.resume(Resumption(kind: .source, name: source, limit: 2)).hasMore {}
    }

    /// Accepts an event of a source with one run.
    private static func accept(
        _ flow: RunFlow = .free, at: Timestamp? = nil, source: String = "crm", _ bench: Bench
    ) async throws -> Identifier<Run> {
        var accepted = bench.accepted(source: source, recipes: ["lead"], startNow: true, flow: flow)
        accepted.events[0].runs[0].dueAt = at
        #expect(try await bench.queue.accept(accepted).leased.isEmpty)
        return accepted.events[0].runs[0].id
    }

    /// When a run is due, counted from `start`.
    private static func wait(_ run: Identifier<Run>, from start: Timestamp, _ bench: Bench) async throws -> Duration? {
        try await bench.run(run).dueAt.map { $0 - start }
    }

    private static func batch(_ size: Int = 3) -> RunFlow {
        RunFlow(gathering: .batch(key: "a", size: size, bytes: ByteCount(bytes: 1000), within: .seconds(100)))
    }

    private static let debounce = RunFlow(gathering: .debounce(key: "b", quiet: .seconds(100), atMost: nil))

    /// Every way of waiting keeps the moment before which a run may not start.
    static var waiting: [ConformanceCase] { heldBySource + heldTogether + aheadOfTime }

    private static var heldBySource: [ConformanceCase] {
        [
            ConformanceCase("what a paused source holds keeps its delay, and its planned time") { bench in
                let start = bench.clock.now()
                try await pause(bench)
                let long = try await accept(RunFlow(delay: .seconds(100)), bench)
                let short = try await accept(RunFlow(delay: .seconds(10)), bench)
                let planned = try await accept(at: start + .seconds(200), bench)
                bench.clock.advance(by: .seconds(20))
                try await resume(bench)
                #expect(try await wait(long, from: start, bench) == .seconds(100))
                #expect(try await wait(planned, from: start, bench) == .seconds(200))
                #expect(try await bench.claimRuns().map(\.run.id) == [short])
                bench.clock.advance(by: .seconds(80))
                #expect(try await bench.claimRuns().map(\.run.id) == [long])
                #expect(try await bench.run(planned).state == .scheduled)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("events that a paused source holds gather until their time is over") { bench in
                let start = bench.clock.now()
                try await pause(bench)
                let first = try await accept(batch(), bench)
                let quiet = try await accept(debounce, bench)
                bench.clock.advance(by: .seconds(20))
                _ = try await accept(batch(), bench)
                let last = try await accept(debounce, bench)
                try await resume(bench)
                #expect(try await bench.run(quiet).state == .cancelled)
                #expect(try await bench.claimRuns().isEmpty)
                #expect(try await wait(first, from: start, bench) == .seconds(100))
                #expect(try await wait(last, from: start, bench) == .seconds(120))
                bench.clock.advance(by: .seconds(80))
                #expect(try await bench.claimRuns().map { $0.batch.count } == [2])
            },
            ConformanceCase("a batch that a paused source fills starts when the source goes on") { bench in
                try await pause(bench)
                let first = try await accept(batch(), bench)
                for _ in 0..<2 { _ = try await accept(batch(), bench) }
                #expect(try await bench.run(first).state == .parked)
                try await resume(bench)
                #expect(try await bench.claimRuns().map { $0.batch.count } == [3])
            },
            ConformanceCase("what a paused source holds starts at its rate") { bench in
                try await pause(bench)
                var runs: [Identifier<Run>] = []
                for _ in 0..<5 {
                    runs.append(try await accept(RunFlow(rate: minute), bench))
                    bench.clock.advance(by: .seconds(600))
                }
                // Another source's run takes its place meanwhile.
                let other = bench.accepted(source: "other", recipes: ["lead"], flow: RunFlow(rate: minute))
                _ = try await bench.queue.accept(other)
                #expect(try await bench.run(other.events[0].runs[0].id).dueAt == bench.clock.now())
                let end = bench.clock.now()
                try await resume(bench)
                var waits: [Duration?] = []
                for run in runs { waits.append(try await wait(run, from: end, bench)) }
                #expect(waits == [0, 30, 60, 90, 120].map { Duration.seconds($0) })
                let late = try await accept(RunFlow(rate: minute), bench)
                #expect(try await wait(late, from: end, bench) == .seconds(150))
            },
            ConformanceCase("runs of a rate that wake together start one after another") { bench in
                for _ in 0..<4 {
                    _ = try await bench.accept(RunFlow(rate: minute))
                    bench.clock.advance(by: .seconds(60))
                    _ = try await bench.finish(try #require(try await bench.claimRuns().first), .park(.recipeGone))
                }
                bench.clock.advance(by: .seconds(600))
                _ = try await bench.queue.wake(ParkedWake(.runs(ofRecipe: "lead"), parkedAs: .recipeGone))
                #expect(try await bench.claimRuns().count == 2)
                bench.clock.advance(by: .seconds(30))
                #expect(try await bench.claimRuns().count == 1)
            },
            ConformanceCase("a line goes on from a paused source when its first is due") { bench in
                let start = bench.clock.now()
                let lane = RunFlow.Lane(key: "a")
                try await pause(bench)
                let first = try await accept(RunFlow(lane: lane, delay: .seconds(50)), bench)
                let second = try await accept(RunFlow(lane: lane, delay: .seconds(100)), bench)
                try await resume(bench)
                #expect(try await wait(first, from: start, bench) == .seconds(50))
                #expect(try await bench.run(second).dueAt == .never)
                bench.clock.advance(by: .seconds(60))
                _ = try await bench.finish(try #require(try await bench.claimRuns().first))
                #expect(try await wait(second, from: start, bench) == .seconds(100))
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a person lets a run start before its time") { bench in
                let lane = RunFlow.Lane(key: "a")
                let planned = bench.clock.now() + .seconds(3600)
                let first = try await accept(RunFlow(lane: lane), at: planned, bench)
                let second = try await accept(RunFlow(lane: lane), at: planned, bench)
                for run in [second, first] { try await bench.queue.retry(run) }
                let claimed = try await bench.claimRuns()
                #expect(claimed.map(\.run.id) == [first])
                _ = try await bench.finish(claimed[0])
                #expect(try await bench.claimRuns().map(\.run.id) == [second])
            },
            ConformanceCase("a run that is handed back keeps its last error") { bench in
                let run = try await bench.leasedRun()
                _ = try await bench.finish(run, .retry(at: bench.clock.now()), failure: AttemptFailure(.threw, "no"))
                let again = try #require(try await bench.claimRuns().first)
                let handed = RunFinish(
                    run: again.run.id, fence: again.fence, decision: .retry(at: bench.clock.now()),
                    counters: again.run.counters, attempt: nil, version: Bench.version)
                _ = try await bench.queue.finishRun(handed)
                #expect(try await bench.run(run.run.id).error == "no")
                _ = try await bench.finish(try #require(try await bench.claimRuns().first))
                #expect(try await bench.run(run.run.id).error == nil)
            },
        ]
    }

    private static var heldTogether: [ConformanceCase] {
        [
            ConformanceCase("events of a paused source gather by themselves") { bench in
                let before = try await accept(batch(), source: "crm", bench)
                try await pause(bench)
                // What had come before the pause is not held, and takes no more of this source.
                let held = try await accept(batch(), source: "crm", bench)
                #expect(try await bench.run(held).state == .parked)
                _ = try await bench.queue.accept(bench.accepted(source: "other", recipes: ["lead"], flow: batch()))
                _ = try await bench.queue.accept(bench.accepted(source: "other", recipes: ["lead"], flow: batch()))
                let claimed = try await bench.claimRuns()
                #expect(claimed.map(\.run.id) == [before])
                #expect(claimed.first?.batch.map(\.source) == ["crm", "other", "other"])
                _ = try await bench.queue.pause(PauseOrder(kind: .source, name: "third", reason: "maintenance"))
                let third = try await accept(batch(), source: "third", bench)
                _ = try await accept(batch(), source: "crm", bench)
                bench.clock.advance(by: .seconds(100))
                try await resume(bench)
                #expect(try await bench.claimRuns().map { $0.batch.map(\.source) } == [["crm", "crm"]])
                #expect(try await bench.run(third).state == .parked)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("an event that is planned for later gathers with no other") { bench in
                let start = bench.clock.now()
                let later = start + .seconds(3600)
                let open = try await accept(batch(), bench)
                let quiet = try await accept(debounce, bench)
                let alone = try await accept(batch(), at: later, bench)
                let planned = try await accept(debounce, at: later, bench)
                #expect(try await bench.run(quiet).state == .scheduled)
                bench.clock.advance(by: .seconds(100))
                let claimed = try await bench.claimRuns()
                #expect(Set(claimed.map(\.run.id)) == [open, quiet])
                #expect(claimed.first { $0.run.id == open }?.batch.count == 1)
                #expect(try await wait(alone, from: start, bench) == .seconds(3600))
                #expect(try await wait(planned, from: start, bench) == .seconds(3600))
                bench.clock.advance(by: .seconds(3500))
                #expect(try await bench.claimRuns().first { $0.run.id == alone }?.batch.count == 1)
            },
            ConformanceCase("an event of a paused source takes no other's place, and none takes its") { bench in
                let open = try await accept(debounce, source: "other", bench)
                try await pause(bench)
                let first = try await accept(debounce, source: "crm", bench)
                let second = try await accept(debounce, source: "crm", bench)
                #expect(try await bench.run(open).state == .scheduled)
                #expect(try await bench.run(first).state == .cancelled)
                let next = try await accept(debounce, source: "other", bench)
                #expect(try await bench.run(open).state == .cancelled)
                #expect(try await bench.run(second).state == .parked)
                bench.clock.advance(by: .seconds(100))
                #expect(try await bench.claimRuns().map(\.run.id) == [next])
                try await resume(bench)
                #expect(try await bench.claimRuns().map(\.run.id) == [second])
            },
        ]
    }

    private static let month = Duration.seconds(30 * 86_400)

    private static func recall(_ bench: Bench, back: Duration = .zero, limit: Int = 500) async throws {
        let after = bench.clock.now() + RetryPolicy.longestDelay
        while try await bench.queue.recall(Recall(dueAfter: after, back: back, limit: limit)).hasMore {}
    }

    private static var aheadOfTime: [ConformanceCase] {
        [true, false].map { knowsJump in
            let cause = knowsJump ? "a jump" : "a start"
            return ConformanceCase("after \(cause), runs that wait by rules do not wait for a wrong clock") { bench in
                let right = bench.clock.now()
                let early = try await accept(RunFlow(delay: .seconds(7200)), bench)
                bench.clock.setWallClock(right + month)
                let delayed = try await accept(RunFlow(delay: .seconds(3600)), bench)
                let lane = RunFlow.Lane(key: "a")
                let running = bench.accepted(recipes: ["lead"], startNow: true, flow: RunFlow(lane: lane))
                let first = try #require(try await bench.queue.accept(running).leased.first)
                let second = try await accept(RunFlow(lane: lane, delay: .seconds(1800)), bench)
                try await pause(bench, "held")
                let held = try await accept(RunFlow(delay: .seconds(900)), source: "held", bench)
                let planned = try await accept(at: right + month + .seconds(60), bench)
                let gathered = try await accept(batch(), bench)
                let quiet = try await accept(debounce, bench)
                bench.clock.setWallClock(right)
                try await recall(bench, back: knowsJump ? month : .zero, limit: 2)
                // Once is enough.
                try await recall(bench)
                _ = try await bench.finish(first)
                try await resume(bench, "held")
                #expect(try await wait(early, from: right, bench) == .seconds(7200))
                #expect(try await wait(delayed, from: right, bench) == .seconds(3600))
                #expect(try await wait(second, from: right, bench) == .seconds(1800))
                #expect(try await wait(held, from: right, bench) == .seconds(900))
                #expect(try await wait(planned, from: right, bench) == month + .seconds(60))
                #expect(try await wait(gathered, from: right, bench) == .seconds(100))
                #expect(try await wait(quiet, from: right, bench) == .seconds(100))
                // They gather on.
                let next = try await accept(debounce, bench)
                #expect(try await bench.run(quiet).state == .cancelled)
                #expect(try await wait(next, from: right, bench) == .seconds(100))
                for _ in 0..<2 {
                    _ = try await bench.queue.accept(bench.accepted(recipes: ["lead"], flow: batch()))
                }
                #expect(try await bench.claimRuns().map { $0.batch.count } == [3])
                try await bench.expectHonestCounters()
            }
        } + [
            ConformanceCase("a jump back takes as much from every wait as the clock was ahead") { bench in
                let right = bench.clock.now()
                bench.clock.setWallClock(right + month)
                let first = try await accept(RunFlow(delay: .seconds(3600)), bench)
                bench.clock.advance(by: .seconds(600))
                let second = try await accept(RunFlow(delay: .seconds(3600)), bench)
                bench.clock.advance(by: .seconds(600))
                bench.clock.setWallClock(right + .seconds(1200))
                try await recall(bench, back: month)
                #expect(try await wait(first, from: right, bench) == .seconds(3600))
                #expect(try await wait(second, from: right, bench) == .seconds(4200))
            },
            ConformanceCase("a run that was handed back by a wrong clock comes back, one that its rate holds stays") {
                bench in
                let right = bench.clock.now()
                let run = try await bench.leasedRun()
                let daily = RunFlow(rate: .init(key: "", count: 1, interval: .seconds(86_400)))
                var held: [Identifier<Run>] = []
                for _ in 0..<4 {
                    held.append(try await bench.accept(daily, of: "daily").run)
                    bench.clock.advance(by: .seconds(86_400))
                    let claimed = try #require(try await bench.claimRuns().first { $0.run.recipe == "daily" })
                    _ = try await bench.finish(claimed, .park(.recipeGone))
                }
                let late = bench.clock.now()
                bench.clock.setWallClock(late + month)
                _ = try await bench.queue.extendLeases(
                    LeaseExtension(runs: [run.run.id: run.fence], outputs: [:], lease: .seconds(30)))
                _ = try await bench.queue.finishRun(
                    RunFinish(
                        run: run.run.id, fence: run.fence, decision: .retry(at: bench.clock.now() + .seconds(30)),
                        counters: run.run.counters, attempt: nil, version: Bench.version))
                bench.clock.setWallClock(late)
                _ = try await bench.queue.wake(ParkedWake(.runs(ofRecipe: "daily"), parkedAs: .recipeGone))
                try await recall(bench)
                #expect(try await bench.run(run.run.id).dueAt == late)
                var days: [Duration?] = []
                for id in held { days.append(try await wait(id, from: late, bench)) }
                #expect(days == [0, 1, 2, 3].map { Duration.seconds($0 * 86_400) })
                #expect(late - right == .seconds(4 * 86_400))
            },
            ConformanceCase("an output that waits for its delay does not wait for a wrong clock") { bench in
                let right = bench.clock.now()
                bench.clock.setWallClock(right + month)
                let run = try await bench.leasedRun()
                _ = try await bench.finish(run, outputs: [bench.intent("later", delay: .seconds(3600))])
                bench.clock.setWallClock(right)
                try await recall(bench, back: month)
                try await recall(bench)
                let output = try #require(try await bench.queue.effect(origin: run.run.origin, step: "later"))
                #expect(try await bench.delivery(output.id).dueAt == right + .seconds(3600))
                #expect(try await bench.queue.oldestDue() == right + .seconds(3600))
                try await bench.expectHonestCounters()
            },
            ConformanceCase("what was brought back is not brought back again by a smaller jump") { bench in
                let right = bench.clock.now()
                bench.clock.setWallClock(right + month)
                let delayed = try await accept(RunFlow(delay: .seconds(3600)), bench)
                let done = try await bench.leasedRun()
                _ = try await bench.finish(done)
                bench.clock.setWallClock(right)
                try await recall(bench, back: month)
                bench.clock.setWallClock(right - .seconds(120))
                try await recall(bench)
                #expect(try await wait(delayed, from: right, bench) == .seconds(3480))
            },
            ConformanceCase("a bucket does not stay empty for as long as a clock was ahead") { bench in
                let right = bench.clock.now()
                bench.clock.setWallClock(right + month)
                var runs: [Identifier<Run>] = []
                for _ in 0..<4 {
                    let accepted = bench.accepted(recipes: ["lead"], flow: RunFlow(rate: minute))
                    _ = try await bench.queue.accept(accepted)
                    runs.append(accepted.events[0].runs[0].id)
                }
                bench.clock.setWallClock(right)
                try await recall(bench, back: month)
                var waits: [Duration?] = []
                for run in runs { waits.append(try await wait(run, from: right, bench)) }
                #expect(waits == [0, 0, 30, 60].map { Duration.seconds($0) })
                // The new ones come behind those that wait.
                let late = try await accept(RunFlow(rate: minute), bench)
                #expect(try await wait(late, from: right, bench) == .seconds(90))
                #expect(try await bench.claimRuns().map(\.run.id) == Array(runs[..<2]))
            },
        ]
    }
}
