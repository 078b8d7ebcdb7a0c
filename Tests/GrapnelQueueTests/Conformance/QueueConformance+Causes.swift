import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    static var causes: [ConformanceCase] {
        [
            ConformanceCase("an event is emitted in the commit that ends its run, with runs of its own") { bench in
                let run = try await bench.leasedRun("shop")
                let emitted = bench.emitted(by: run, recipes: ["price", "stock"])
                _ = try await bench.finish(run, emitted: [emitted])
                let stored = try #require(try await bench.queue.events(EventQuery(cause: run.run.id)).first)
                #expect(stored.event == emitted.events[0].event)
                #expect(stored.event.cause == run.run.id)
                #expect(stored.event.depth == 1)
                #expect(stored.event.headers.first("X-Kind") == "test")
                #expect(stored.verdict == .internal)
                #expect(Set(try await bench.claimRuns().map(\.run.recipe)) == ["price", "stock"])
                #expect(try await bench.queue.counts().events == 2)
                // A request that nobody sent is none that came in.
                #expect(try await bench.queue.counts().requests == 1)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a claimed run knows what led to its event") { bench in
                let run = try await bench.leasedRun("shop")
                _ = try await bench.finish(run, emitted: [bench.emitted(by: run, recipes: ["price"])])
                let second = try #require(try await bench.claimRuns().first)
                #expect(second.event.cause == run.run.id)
                #expect(second.event.depth == 1)
                _ = try await bench.finish(second, emitted: [bench.emitted(by: second, recipes: ["stock"])])
                let third = try #require(try await bench.claimRuns().first)
                #expect(third.event.depth == 2)
                let causes = try await bench.queue.causes(of: third.event)
                #expect(causes.map(\.run.id) == [second.run.id, run.run.id])
                #expect(causes.map(\.event.id) == [second.event.id, run.event.id])
            },
            ConformanceCase("a run that fails, or has lost its lease, emits nothing") { bench in
                let failing = try await bench.leasedRun()
                _ = try await bench.finish(
                    failing, .die(.rejected), failure: AttemptFailure(.threw, "no"),
                    emitted: [bench.emitted(by: failing)])
                var fenced = try await bench.leasedRun()
                fenced.fence += 1
                #expect(try await bench.finish(fenced, emitted: [bench.emitted(by: fenced)]) == .fenced)
                #expect(try await bench.queue.events(EventQuery()).allSatisfy { $0.event.cause == nil })
            },
            ConformanceCase("a replay that finishes what is missing emits nothing twice, one that does it again does") {
                bench in
                let run = try await bench.leasedRun("shop")
                _ = try await bench.finish(run, emitted: [bench.emitted(by: run, step: "a")])
                // However long ago that was.
                bench.clock.advance(by: .seconds(3600 * 86_400))
                _ = try await bench.queue.prune(Pruning(before: Timestamp(milliseconds: 0), limit: 1000))
                for (mode, count) in [(RunReplay.Mode.missing, 2), (.again, 4)] {
                    _ = try await bench.queue.replay(
                        RunReplay(run: run.run.id, mode: mode, newRun: bench.ids.next(), version: nil))
                    let again = try #require(try await bench.claimRuns().first { $0.run.recipe == "shop" })
                    _ = try await bench.finish(
                        again,
                        emitted: [
                            bench.emitted(by: again, step: "a", recipes: ["price"]),
                            bench.emitted(by: again, step: "b", recipes: ["price"]),
                        ])
                    let events = try await bench.queue.events(EventQuery(source: "recipe:shop"))
                    #expect(events.count == count, "\(mode)")
                }
            },
            ConformanceCase("an emission is forgotten with the runs that could repeat it") { bench in
                let run = try await bench.leasedRun("shop")
                let emitted = bench.emitted(by: run, step: "a")
                _ = try await bench.finish(run, emitted: [emitted])
                bench.clock.advance(by: .seconds(60))
                while try await bench.queue.prune(Pruning(before: bench.clock.now(), limit: 10)).hasMore {}
                #expect(try await bench.queue.events(EventQuery()).isEmpty)
                #expect(try await bench.queue.accept(emitted).dispositions == [.stored])
            },
            ConformanceCase("the runs of an event wait as long as it says") { bench in
                let run = try await bench.leasedRun("shop")
                let due = bench.clock.now() + .seconds(60)
                _ = try await bench.finish(run, emitted: [bench.emitted(by: run, recipes: ["price"], dueAt: due)])
                #expect(try await bench.claimRuns().isEmpty)
                #expect(try await bench.queue.oldestDue() == due)
                #expect(try await bench.queue.runs(RunQuery(recipe: "price")).map(\.state) == [.scheduled])
                bench.clock.advance(by: .seconds(60))
                #expect(try await bench.claimRuns().map(\.run.recipe) == ["price"])
                try await bench.expectHonestCounters()
            },
        ]
    }
}
