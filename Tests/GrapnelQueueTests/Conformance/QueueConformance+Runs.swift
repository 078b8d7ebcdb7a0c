import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    static var claiming: [ConformanceCase] {
        [
            ConformanceCase("a claimed run is invisible to other claims, and its fence rises") { bench in
                let accepted = bench.accepted("{\"a\":1}", recipes: ["lead"])
                _ = try await bench.queue.accept(accepted)
                let claimed = try await bench.claimRuns()
                #expect(claimed.count == 1)
                #expect(claimed[0].fence == 1)
                #expect(claimed[0].event == accepted.events[0].event)
                #expect(claimed[0].run.state == .leased)
                #expect(claimed[0].hasEffects == false)
                #expect(try await bench.claimRuns().isEmpty)
                let now = bench.clock.now()
                #expect(try await bench.finish(claimed[0], .retry(at: now)) == .finished(leased: []))
                #expect(try await bench.claimRuns().first?.fence == 2)
            },
            ConformanceCase("runs are claimed oldest due first, within the limit") { bench in
                var expected: [Identifier<Run>] = []
                for recipe in ["b", "a", "c", "a", "b"] {
                    let accepted = bench.accepted(recipes: [recipe])
                    expected.append(accepted.events[0].runs[0].id)
                    _ = try await bench.queue.accept(accepted)
                    bench.clock.advance(by: .milliseconds(10))
                }
                #expect(try await bench.claimRuns(3).map(\.run.id) == Array(expected[..<3]))
                #expect(try await bench.claimRuns(3).map(\.run.id) == Array(expected[3...]))
            },
            ConformanceCase("recipes that hold their share are left out") { bench in
                _ = try await bench.queue.accept(bench.accepted(recipes: ["greedy", "modest"]))
                #expect(try await bench.claimRuns(excluding: ["greedy"]).map(\.run.recipe) == ["modest"])
                #expect(try await bench.claimRuns().map(\.run.recipe) == ["greedy"])
            },
            ConformanceCase("a scheduled run is claimed when it is due, and not before") { bench in
                let run = try await bench.leasedRun()
                let failure = AttemptFailure(.threw, "no")
                let at = bench.clock.now() + .seconds(5)
                _ = try await bench.finish(run, .retry(at: at), failure: failure)
                let stored = try await bench.run(run.run.id)
                #expect(stored.state == .scheduled)
                #expect(stored.dueAt == at)
                #expect(stored.counters == WorkCounters(attempts: 1))
                #expect(stored.error == "no")
                #expect(try await bench.claimRuns().isEmpty)
                #expect(try await bench.queue.oldestDue() == at)
                bench.clock.advance(by: .seconds(5))
                #expect(try await bench.claimRuns().map(\.run.id) == [run.run.id])
                #expect(try await bench.queue.oldestDue() == nil)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("what a claim saw due and left is not the next thing due") { bench in
                _ = try await bench.queue.accept(bench.accepted(recipes: ["greedy"]))
                let accepted = bench.clock.now()
                #expect(try await bench.queue.nextRunDue(after: accepted - .milliseconds(1)) == accepted)
                #expect(try await bench.claimRuns(excluding: ["greedy"]).isEmpty)
                #expect(try await bench.queue.nextRunDue(after: accepted) == nil)
                bench.clock.advance(by: .seconds(1))
                #expect(try await bench.queue.oldestDue() == accepted)
            },
            ConformanceCase("a run that is due is no output, and an output is no run") { bench in
                let run = try await bench.leasedRun()
                let now = bench.clock.now()
                _ = try await bench.finish(run, outputs: [bench.intent("later", delay: .seconds(60))])
                #expect(try await bench.queue.nextRunDue(after: now) == nil)
                #expect(try await bench.queue.nextOutputDue(after: now) == now + .seconds(60))
                var waiting = bench.accepted(recipes: ["lead"])
                waiting.events[0].runs[0].dueAt = now + .seconds(5)
                _ = try await bench.queue.accept(waiting)
                #expect(try await bench.queue.nextRunDue(after: now) == now + .seconds(5))
                #expect(try await bench.queue.nextOutputDue(after: now) == now + .seconds(60))
                #expect(try await bench.queue.oldestDue() == now + .seconds(5))
            },
            ConformanceCase("concurrent claims never share a run") { bench in
                for _ in 0..<40 { _ = try await bench.queue.accept(bench.accepted(recipes: ["lead"])) }
                let claimed = try await withThrowingTaskGroup(of: [LeasedRun].self) { group in
                    for _ in 0..<20 { group.addTask { try await bench.claimRuns(3) } }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(claimed.count == 40)
                #expect(Set(claimed.map(\.run.id)).count == 40)
            },
            ConformanceCase("a lease that is extended does not run out") { bench in
                let run = try await bench.leasedRun()
                bench.clock.advance(by: .seconds(20))
                let lost = try await bench.queue.extendLeases(
                    LeaseExtension(runs: [run.run.id: run.fence], outputs: [:], lease: .seconds(30)))
                #expect(lost == LostLeases())
                bench.clock.advance(by: .seconds(20))
                #expect(try await bench.queue.rescue(LeaseRescue()).runs == 0)
                bench.clock.advance(by: .seconds(10))
                #expect(try await bench.queue.rescue(LeaseRescue()).runs == 1)
                let late = try await bench.queue.extendLeases(
                    LeaseExtension(runs: [run.run.id: run.fence], outputs: [:], lease: .seconds(30)))
                #expect(late == LostLeases(runs: [run.run.id]))
            },
            ConformanceCase("listeners hear of work, all of them") { bench in
                let streams = [bench.queue.readiness(), bench.queue.readiness()]
                _ = try await bench.queue.accept(bench.accepted(recipes: ["lead"]))
                for stream in streams {
                    var iterator = stream.makeAsyncIterator()
                    #expect(await iterator.next() != nil)
                }
            },
        ]
    }

    static var runEnds: [ConformanceCase] {
        [
            ConformanceCase("a run that succeeds keeps its attempt, log, result and reply") { bench in
                let run = try await bench.leasedRun()
                let log = [LogLine(level: .info, at: bench.clock.now(), message: "hello", fields: ["n": 1])]
                let reply = HTTPReply(
                    status: 200, headers: HeaderFields([("Content-Type", "text/xml")]), body: [60, 62])
                let attempt = bench.attempt(log: log)
                let result = try await bench.queue.finishRun(
                    RunFinish(
                        run: run.run.id, fence: run.fence, decision: .succeed, counters: WorkCounters(attempts: 1),
                        attempt: attempt, version: RecipeVersion("next"), result: Array("{\"ok\":1}".utf8), reply: reply
                    ))
                #expect(result == .finished(leased: []))
                let detail = try #require(try await bench.queue.run(run.run.id))
                #expect(detail.run.state == .succeeded)
                #expect(detail.run.result == Array("{\"ok\":1}".utf8))
                #expect(detail.run.version == RecipeVersion("next"))
                #expect(detail.run.finishedAt == bench.clock.now())
                #expect(detail.run.error == nil)
                #expect(detail.attempts == [attempt])
                #expect(try await bench.queue.reply(to: run.event.id) == reply)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a failed attempt keeps its failure and none of its outputs or writes") { bench in
                let run = try await bench.leasedRun()
                let failure = AttemptFailure(
                    .threw, "boom", stack: "handler.js:3", isRetryable: true, retryAfter: .seconds(9))
                let result = try await bench.finish(
                    run, .retry(at: bench.clock.now()), failure: failure, outputs: [bench.intent(startNow: true)],
                    keyValues: [KeyValueWrite(key: "k", value: [49])])
                #expect(result == .finished(leased: []))
                let detail = try #require(try await bench.queue.run(run.run.id))
                #expect(detail.run.state == .ready)
                #expect(detail.attempts.map(\.failure) == [failure])
                #expect(detail.effects.isEmpty)
                #expect(try await bench.queue.keyValue(tenant: .default, recipe: "lead", key: "k") == nil)
            },
            ConformanceCase("a run that dies or is parked says why") { bench in
                let dead = try await bench.leasedRun()
                _ = try await bench.finish(dead, .die(.poison), failure: AttemptFailure(.memory, "64 MiB"))
                let buried = try await bench.run(dead.run.id)
                #expect(buried.state == .dead)
                #expect(buried.deadReason == .poison)
                #expect(buried.counters == WorkCounters(attempts: 1, losses: 0, deaths: 1))
                #expect(buried.finishedAt != nil)
                let parked = try await bench.leasedRun()
                _ = try await bench.finish(parked, .park(.recipeGone), failure: AttemptFailure(.handedBack, "gone"))
                #expect(try await bench.run(parked.run.id).parkReason == .recipeGone)
                bench.clock.advance(by: .seconds(100_000))
                #expect(try await bench.claimRuns().isEmpty)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a stale fence changes nothing") { bench in
                let run = try await bench.leasedRun()
                bench.clock.advance(by: .seconds(30))
                #expect(try await bench.queue.rescue(LeaseRescue()).runs == 1)
                #expect(try await bench.finish(run, outputs: [bench.intent()]) == .fenced)
                let claimed = try #require(try await bench.claimRuns().first)
                #expect(claimed.fence == 2)
                #expect(try await bench.finish(run, .die(.rejected)) == .fenced)
                #expect(try await bench.begin(bench.call(run), run) == .fenced)
                #expect(try await bench.finish(claimed) == .finished(leased: []))
                #expect(try await bench.finish(claimed) == .fenced)
                #expect(try await bench.run(run.run.id).state == .succeeded)
                #expect(try await bench.queue.run(run.run.id)?.effects.isEmpty == true)
            },
            ConformanceCase("store writes are committed with the run, or nothing is") { bench in
                let first = try await bench.leasedRun()
                _ = try await bench.finish(first, keyValues: [KeyValueWrite(key: "n", value: [49], expectedVersion: 0)])
                #expect(try await bench.queue.keyValue(tenant: .default, recipe: "lead", key: "n")?.version == 1)
                let second = try await bench.leasedRun()
                let result = try await bench.finish(
                    second, outputs: [bench.intent(startNow: true)],
                    keyValues: [
                        KeyValueWrite(key: "other", value: [50]),
                        KeyValueWrite(key: "n", value: [51], expectedVersion: 0),
                    ])
                #expect(result == .keyValueConflict(key: "n"))
                #expect(try await bench.run(second.run.id).state == .leased)
                #expect(try await bench.queue.keyValue(tenant: .default, recipe: "lead", key: "other") == nil)
                #expect(try await bench.queue.run(second.run.id)?.effects.isEmpty == true)
                #expect(try await bench.finish(second) == .finished(leased: []))
            },
            ConformanceCase("handing a run back counts nothing") { bench in
                let run = try await bench.leasedRun()
                let result = try await bench.queue.finishRun(
                    RunFinish(
                        run: run.run.id, fence: run.fence, decision: .retry(at: bench.clock.now()),
                        counters: run.run.counters, attempt: nil, version: run.run.version))
                #expect(result == .finished(leased: []))
                let detail = try #require(try await bench.queue.run(run.run.id))
                #expect(detail.run.counters == WorkCounters())
                #expect(detail.attempts.isEmpty)
                #expect(try await bench.claimRuns().count == 1)
            },
        ]
    }
}
