import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    private static let ordered = RunFlow(lane: .init(key: "a"))
    private static let failure = AttemptFailure(.threw, "no")

    private static func limited(_ limit: Int, _ key: String = "a") -> RunFlow {
        RunFlow(lane: .init(key: key, limit: limit))
    }

    static var lines: [ConformanceCase] {
        [
            ConformanceCase("runs of one ordered line start one after another, in the order of their acceptance") {
                bench in
                var expected: [Identifier<Run>] = []
                for _ in 0..<5 { expected.append(try await bench.accept(ordered).run) }
                _ = try await bench.accept(RunFlow(lane: .init(key: "b")))
                _ = try await bench.accept(ordered, of: "other")
                let counts = try await bench.queue.counts().runs
                #expect(counts[.ready] == 3)
                #expect(counts[.scheduled] == 4)
                var started: [Identifier<Run>] = []
                while true {
                    let claimed = try await bench.claimRuns()
                    if claimed.isEmpty { break }
                    #expect(Set(claimed.map { "\($0.run.recipe) \($0.run.lane?.key ?? "")" }).count == claimed.count)
                    for run in claimed {
                        started.append(run.run.id)
                        _ = try await bench.finish(run)
                    }
                }
                #expect(started.filter(expected.contains) == expected)
                #expect(started.count == 7)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a run that backs off holds its key, and no other") { bench in
                let first = try await bench.accept(ordered).run
                let second = try await bench.accept(ordered).run
                let other = try await bench.accept(RunFlow(lane: .init(key: "b"))).run
                let claimed = try await bench.claimRuns()
                #expect(Set(claimed.map(\.run.id)) == [first, other])
                let failing = try #require(claimed.first { $0.run.id == first })
                let at = bench.clock.now() + .seconds(5)
                _ = try await bench.finish(failing, .retry(at: at), failure: failure)
                #expect(try await bench.claimRuns().isEmpty)
                #expect(try await bench.queue.oldestDue() == at)
                #expect(try await bench.queue.run(second)?.heldBy == first)
                bench.clock.advance(by: .seconds(5))
                let again = try await bench.claimRuns()
                #expect(again.map(\.run.id) == [first])
                _ = try await bench.finish(again[0], .die(.exhausted), failure: failure)
                #expect(try await bench.claimRuns().map(\.run.id) == [second])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a parked run holds its key until a person ends it") { bench in
                let first = try await bench.accept(ordered).run
                let second = try await bench.accept(ordered).run
                let run = try #require(try await bench.claimRuns().first)
                let call = bench.call(run, effectClass: .atMostOnce)
                _ = try await bench.begin(call, run)
                try await bench.settle(call, .unknown)
                _ = try await bench.finish(run, .park(.unknownEffect), failure: failure)
                #expect(try await bench.claimRuns().isEmpty)
                #expect(try await bench.queue.oldestDue() == nil)
                #expect(try await bench.queue.run(second)?.heldBy == first)
                _ = try await bench.queue.resolve(EffectResolution(effect: call.id, choice: .drop))
                #expect(try await bench.run(first).state == .dead)
                #expect(try await bench.claimRuns().map(\.run.id) == [second])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a parked run that goes on goes before those that it held") { bench in
                let first = try await bench.accept(ordered).run
                _ = try await bench.accept(ordered)
                let run = try #require(try await bench.claimRuns().first)
                let call = bench.call(run, effectClass: .atMostOnce)
                _ = try await bench.begin(call, run)
                try await bench.settle(call, .unknown)
                _ = try await bench.finish(run, .park(.unknownEffect), failure: failure)
                _ = try await bench.queue.resolve(EffectResolution(effect: call.id, choice: .resend))
                #expect(try await bench.claimRuns().map(\.run.id) == [first])
            },
            ConformanceCase("a run starts at once only where nobody of its line stands before it") { bench in
                let accepted = bench.accepted(recipes: ["lead"], startNow: true, flow: ordered)
                #expect(try await bench.queue.accept(accepted).leased.map(\.run.id) == [accepted.events[0].runs[0].id])
                let next = bench.accepted(recipes: ["lead"], startNow: true, flow: ordered)
                #expect(try await bench.queue.accept(next).leased.isEmpty)
                let stored = try await bench.run(next.events[0].runs[0].id)
                #expect(stored.state == .scheduled)
                #expect(stored.dueAt == .never)
                #expect(stored.lane == RunFlow.Lane(key: "a"))
                #expect(try await bench.queue.oldestDue() == nil)
            },
            ConformanceCase("a run that is cancelled lets its line go on, wherever it stands") { bench in
                var runs: [Identifier<Run>] = []
                for _ in 0..<4 { runs.append(try await bench.accept(ordered).run) }
                _ = try await bench.queue.cancel(Cancellation(runs: [runs[1]]))
                #expect(try await bench.claimRuns().map(\.run.id) == [runs[0]])
                #expect(try await bench.claimRuns().isEmpty)
                _ = try await bench.queue.cancel(Cancellation(runs: [runs[0]]))
                #expect(try await bench.claimRuns().isEmpty, "it is leased until its node has stopped it")
                bench.clock.advance(by: .seconds(31))
                _ = try await bench.queue.rescue(LeaseRescue())
                #expect(try await bench.run(runs[0]).state == .cancelled)
                let next = try await bench.claimRuns()
                #expect(next.map(\.run.id) == [runs[2]])
                _ = try await bench.finish(next[0], .retry(at: bench.clock.now() + .seconds(60)), failure: failure)
                _ = try await bench.queue.cancel(Cancellation(runs: [runs[2]]))
                #expect(try await bench.claimRuns().map(\.run.id) == [runs[3]])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a line keeps its order over a pause of its source") { bench in
                let first = try await bench.accept(ordered).run
                let failing = try #require(try await bench.claimRuns().first)
                _ = try await bench.queue.pause(PauseOrder(kind: .source, name: "crm"))
                let second = try await bench.accept(ordered).run
                let third = try await bench.accept(ordered).run
                _ = try await bench.queue.resume(Resumption(kind: .source, name: "crm"))
                #expect(try await bench.run(second).dueAt == .never)
                #expect(try await bench.claimRuns().isEmpty)
                _ = try await bench.finish(failing, .retry(at: bench.clock.now()), failure: failure)
                var started: [Identifier<Run>] = []
                while let run = try await bench.claimRuns().first {
                    started.append(run.run.id)
                    _ = try await bench.finish(run)
                }
                #expect(started == [first, second, third])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a lost lease is tried again before the next of its line") { bench in
                let first = try await bench.accept(ordered, startNow: true).run
                let second = try await bench.accept(ordered).run
                bench.clock.advance(by: .seconds(31))
                #expect(try await bench.queue.rescue(LeaseRescue()).runs == 1)
                let claimed = try await bench.claimRuns()
                #expect(claimed.map(\.run.id) == [first])
                bench.clock.advance(by: .seconds(31))
                _ = try await bench.queue.rescue(LeaseRescue(policy: RetryPolicy(maxLosses: 1)))
                #expect(try await bench.run(first).state == .dead)
                #expect(try await bench.claimRuns().map(\.run.id) == [second])
            },
            ConformanceCase("a line is kept over a restart") { bench in
                let first = try await bench.accept(ordered).run
                let second = try await bench.accept(ordered).run
                let next = try await bench.restarted()
                let claimed = try await next.claimRuns()
                #expect(claimed.map(\.run.id) == [first])
                _ = try await next.finish(claimed[0])
                #expect(try await next.claimRuns().map(\.run.id) == [second])
                await next.store.close(next.queue)
            },
            ConformanceCase("a replay joins the end of its line") { bench in
                _ = try await bench.accept(ordered)
                let done = try #require(try await bench.claimRuns().first)
                _ = try await bench.finish(done)
                let waiting = try await bench.accept(ordered).run
                let replay = try await bench.queue.replay(
                    RunReplay(run: done.run.id, mode: .again, newRun: bench.ids.next(), version: nil))
                #expect(try await bench.queue.run(replay)?.heldBy == waiting)
                let claimed = try await bench.claimRuns()
                #expect(claimed.map(\.run.id) == [waiting])
                _ = try await bench.finish(claimed[0])
                #expect(try await bench.claimRuns().map(\.run.id) == [replay])
            },
            ConformanceCase("a delayed run of a line waits for both") { bench in
                let flow = RunFlow(lane: .init(key: "a"), delay: .seconds(60))
                _ = try await bench.accept(ordered)
                let delayed = try await bench.accept(flow).run
                let first = try #require(try await bench.claimRuns().first)
                bench.clock.advance(by: .seconds(20))
                _ = try await bench.finish(first)
                #expect(try await bench.claimRuns().isEmpty)
                #expect(try await bench.queue.oldestDue() == bench.clock.now() + .seconds(40))
                bench.clock.advance(by: .seconds(40))
                #expect(try await bench.claimRuns().map(\.run.id) == [delayed])
            },
            ConformanceCase("no more runs of a limited line are leased than it says") { bench in
                var runs: [Identifier<Run>] = []
                for _ in 0..<5 { runs.append(try await bench.accept(limited(2)).run) }
                let other = try await bench.accept(limited(2, "b")).run
                let claimed = try await bench.claimRuns()
                #expect(Set(claimed.map(\.run.id)) == [runs[0], runs[1], other])
                #expect(try await bench.claimRuns().isEmpty)
                _ = try await bench.finish(try #require(claimed.first { $0.run.id == runs[1] }))
                #expect(try await bench.claimRuns().map(\.run.id) == [runs[2]])
                #expect(try await bench.claimRuns().isEmpty)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a run of a limited line starts at once while there is a place") { bench in
                var leased = 0
                for _ in 0..<4 {
                    let accepted = bench.accepted(recipes: ["lead"], startNow: true, flow: limited(3))
                    leased += try await bench.queue.accept(accepted).leased.count
                }
                #expect(leased == 3)
                #expect(try await bench.claimRuns().isEmpty)
            },
            ConformanceCase("waiting for a retry gives the place of a limited line back") { bench in
                let first = try await bench.accept(limited(1)).run
                let second = try await bench.accept(limited(1)).run
                let failing = try #require(try await bench.claimRuns().first)
                let at = bench.clock.now() + .seconds(5)
                _ = try await bench.finish(failing, .retry(at: at), failure: failure)
                let next = try await bench.claimRuns()
                #expect(next.map(\.run.id) == [second])
                bench.clock.advance(by: .seconds(5))
                // Its time has come, and its line is full: it is held until there is a place.
                #expect(try await bench.claimRuns().isEmpty)
                #expect(try await bench.run(first).dueAt == .never)
                _ = try await bench.finish(next[0])
                #expect(try await bench.claimRuns().map(\.run.id) == [first])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a full line takes no places of a claim from others") { bench in
                _ = try await bench.accept(limited(1), startNow: true)
                let at = bench.clock.now() + .seconds(1)
                for _ in 0..<5 {
                    let run = try await bench.leasedRun("lead")
                    _ = try await bench.finish(run, .retry(at: at), failure: failure)
                }
                for _ in 0..<5 {
                    _ = try await bench.accept(RunFlow(lane: .init(key: "a", limit: 1), delay: .milliseconds(500)))
                }
                bench.clock.advance(by: .seconds(1))
                #expect(try await bench.claimRuns(5).count == 5)
                try await bench.expectHonestCounters()
            },
        ]
    }

    static var rates: [ConformanceCase] {
        let rate = RunFlow(rate: .init(key: "", count: 3, interval: .seconds(3)))
        return [
            ConformanceCase("starts take from a bucket, which a restart does not fill") { bench in
                let start = bench.clock.now()
                var dues: [Duration] = []
                for _ in 0..<5 {
                    let run = try await bench.run(try await bench.accept(rate).run)
                    dues.append((run.dueAt ?? .never) - start)
                }
                #expect(dues == [.zero, .zero, .zero, .seconds(1), .seconds(2)])
                #expect(try await bench.claimRuns().count == 3)
                let next = try await bench.restarted()
                let run = try await next.accept(rate).run
                #expect(try await next.run(run).dueAt == start + .seconds(3))
                next.clock.advance(by: .seconds(1))
                #expect(try await next.claimRuns().count == 1)
                await next.store.close(next.queue)
            },
            ConformanceCase("each key has its own bucket, and one over the rate does not start at once") { bench in
                var started: [Int] = []
                for key in ["a", "a", "b", "later", "a"] {
                    if key == "later" { bench.clock.advance(by: .seconds(120)) }
                    let flow = RunFlow(rate: .init(key: key, count: 1, interval: .seconds(60)))
                    let accepted = bench.accepted(recipes: ["lead"], startNow: true, flow: flow)
                    started.append(try await bench.queue.accept(accepted).leased.count)
                }
                #expect(started == [1, 0, 1, 1, 1])
            },
            ConformanceCase("a replay takes from the bucket too") { bench in
                _ = try await bench.accept(RunFlow(rate: .init(key: "k/1", count: 1, interval: .seconds(60))))
                let run = try #require(try await bench.claimRuns().first)
                _ = try await bench.finish(run)
                let replay = try await bench.queue.replay(
                    RunReplay(run: run.run.id, mode: .again, newRun: bench.ids.next(), version: nil))
                #expect(try await bench.run(replay).dueAt == bench.clock.now() + .seconds(60))
            },
            ConformanceCase("a duplicate takes nothing from the bucket") { bench in
                for _ in 0..<5 {
                    _ = try await bench.queue.accept(bench.accepted(delivery: "one", recipes: ["lead"], flow: rate))
                }
                let run = try await bench.accept(rate).run
                #expect(try await bench.run(run).dueAt == bench.clock.now())
            },
            ConformanceCase("a delayed run is not due before, and its replay is at once") { bench in
                let run = try await bench.accept(RunFlow(delay: .seconds(30)), startNow: true).run
                #expect(try await bench.run(run).dueAt == bench.clock.now() + .seconds(30))
                #expect(try await bench.claimRuns().isEmpty)
                bench.clock.advance(by: .seconds(30))
                let claimed = try #require(try await bench.claimRuns().first)
                _ = try await bench.finish(claimed)
                let replay = try await bench.queue.replay(
                    RunReplay(run: run, mode: .again, newRun: bench.ids.next(), version: nil))
                #expect(try await bench.run(replay).dueAt == bench.clock.now())
            },
            ConformanceCase("a bucket that is full again is forgotten") { bench in
                _ = try await bench.accept(rate)
                bench.clock.advance(by: .seconds(60))
                let old = Pruning(before: Timestamp(milliseconds: 0), limit: 1)
                #expect(try await bench.queue.prune(old).hasMore)
                #expect(try await bench.queue.prune(old).hasMore == false)
            },
        ]
    }

    static var turns: [ConformanceCase] {
        [
            ConformanceCase("a flood of one recipe leaves every other its turn") { bench in
                for _ in 0..<100 { _ = try await bench.queue.accept(bench.accepted(recipes: ["flood"])) }
                bench.clock.advance(by: .seconds(1))
                for recipe in ["a", "b", "z"] {
                    for _ in 0..<2 { _ = try await bench.queue.accept(bench.accepted(recipes: [recipe])) }
                }
                let claimed = try await bench.claimRuns(8).map(\.run.recipe)
                #expect(claimed.sorted() == ["a", "a", "b", "b", "flood", "flood", "z", "z"])
                #expect(try await bench.claimRuns(8).map(\.run.recipe) == Array(repeating: "flood", count: 8))
            },
            ConformanceCase("turns go on behind the last") { bench in
                for recipe in ["a", "b", "c", "d", "e"] {
                    for _ in 0..<10 { _ = try await bench.queue.accept(bench.accepted(recipes: [recipe])) }
                }
                var claimed: [String] = []
                for _ in 0..<5 { claimed += try await bench.claimRuns(2).map(\.run.recipe) }
                for recipe in ["a", "b", "c", "d", "e"] {
                    #expect(claimed.filter { $0 == recipe }.count == 2, "\(recipe) of \(claimed)")
                }
            },
            ConformanceCase("a claim is filled when anything is left, however uneven") { bench in
                for index in 0..<10 { _ = try await bench.queue.accept(bench.accepted(recipes: ["r\(index)"])) }
                for _ in 0..<60 { _ = try await bench.queue.accept(bench.accepted(recipes: ["flood"])) }
                #expect(try await bench.claimRuns(64).count == 64)
                #expect(try await bench.claimRuns(64).count == 6)
            },
            ConformanceCase("recipes of a higher priority are claimed first, and those of a lower one last") { bench in
                for recipe in ["low", "plain", "high"] {
                    for _ in 0..<3 { _ = try await bench.queue.accept(bench.accepted(recipes: [recipe])) }
                }
                func claim(_ limit: Int) async throws -> [String] {
                    try await bench.queue.claimRuns(
                        RunClaim(limit: limit, priorities: ["high": 10, "low": -10], lease: .seconds(30))
                    ).map(\.run.recipe)
                }
                #expect(try await claim(2) == ["high", "high"])
                #expect(try await claim(3) == ["high", "plain", "plain"])
                #expect(try await claim(9) == ["plain", "low", "low", "low"])
            },
            ConformanceCase("a claim takes no more of a recipe than there is room for") { bench in
                for recipe in ["small", "big"] {
                    for _ in 0..<5 { _ = try await bench.queue.accept(bench.accepted(recipes: [recipe])) }
                }
                let claimed = try await bench.queue.claimRuns(
                    RunClaim(limit: 8, rooms: ["small": 2, "none": 0], lease: .seconds(30)))
                #expect(claimed.filter { $0.run.recipe == "small" }.count == 2)
                #expect(claimed.filter { $0.run.recipe == "big" }.count == 5)
            },
        ]
    }
}
