import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    private static func debounce(_ key: String = "a", atMost: Duration? = nil) -> RunFlow {
        RunFlow(gathering: .debounce(key: key, quiet: .seconds(10), atMost: atMost))
    }

    private static func batch(
        _ key: String = "a", size: Int = 3, bytes: Int = 1_000_000, lane: RunFlow.Lane? = nil
    ) -> RunFlow {
        RunFlow(
            lane: lane,
            gathering: .batch(key: key, size: size, bytes: ByteCount(bytes: bytes), within: .seconds(10)))
    }

    static var gathering: [ConformanceCase] {
        [
            ConformanceCase("of events that come close together only the last runs") { bench in
                var runs: [Identifier<Run>] = []
                for _ in 0..<3 {
                    runs.append(try await bench.accept(debounce(), startNow: true).run)
                    bench.clock.advance(by: .seconds(6))
                    #expect(try await bench.claimRuns().isEmpty)
                }
                let other = try await bench.accept(debounce("b")).run
                bench.clock.advance(by: .seconds(4))
                #expect(try await bench.claimRuns().map(\.run.id) == [runs[2]])
                for (old, new) in [(runs[0], runs[1]), (runs[1], runs[2])] {
                    let stored = try await bench.run(old)
                    #expect(stored.state == .cancelled)
                    #expect(stored.error?.contains(new.description) == true)
                    #expect(stored.finishedAt != nil)
                }
                bench.clock.advance(by: .seconds(6))
                #expect(try await bench.claimRuns().map(\.run.id) == [other])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("events that do not stop are run now and then") { bench in
                let start = bench.clock.now()
                var last: Identifier<Run>?
                for _ in 0..<5 {
                    last = try await bench.accept(debounce(atMost: .seconds(25))).run
                    bench.clock.advance(by: .seconds(6))
                }
                // The fifth came 24 s after the first.
                let due = try await bench.run(try #require(last)).dueAt
                #expect(due == start + .seconds(25))
                #expect(try await bench.claimRuns().map(\.run.id) == [last])
            },
            ConformanceCase("an event that comes when the last one runs waits for quiet again") { bench in
                let first = try await bench.accept(debounce()).run
                bench.clock.advance(by: .seconds(10))
                let running = try #require(try await bench.claimRuns().first)
                #expect(running.run.id == first)
                let second = try await bench.accept(debounce()).run
                #expect(try await bench.run(first).state == .leased)
                #expect(try await bench.run(second).dueAt == bench.clock.now() + .seconds(10))
                _ = try await bench.finish(
                    running, .retry(at: bench.clock.now() + .seconds(5)), failure: .init(.threw, "no"))
                // A run that was tried is not taken back.
                let third = try await bench.accept(debounce()).run
                #expect(try await bench.run(first).state == .scheduled)
                #expect(try await bench.run(second).state == .cancelled)
                #expect(try await bench.run(third).state == .scheduled)
            },
            ConformanceCase("a debounced run takes its place in its line") { bench in
                var flow = debounce()
                flow.lane = RunFlow.Lane(key: "a")
                _ = try await bench.accept(RunFlow(lane: flow.lane))
                let running = try #require(try await bench.claimRuns().first)
                let first = try await bench.accept(flow).run
                let second = try await bench.accept(flow).run
                #expect(try await bench.run(first).state == .cancelled)
                #expect(try await bench.run(second).dueAt == .never)
                bench.clock.advance(by: .seconds(4))
                _ = try await bench.finish(running)
                #expect(try await bench.run(second).dueAt == bench.clock.now() + .seconds(6))
            },
            ConformanceCase("events gather in one run until there are enough") { bench in
                var events: [Identifier<Event>] = []
                let first = try await bench.accept(batch(), body: "[1]", startNow: true)
                events.append(first.event)
                #expect(try await bench.claimRuns().isEmpty)
                events.append(try await bench.accept(batch(), body: "[2]").event)
                _ = try await bench.accept(batch("b"), body: "[9]")
                #expect(try await bench.claimRuns().isEmpty)
                events.append(try await bench.accept(batch(), body: "[3]").event)
                let claimed = try await bench.claimRuns()
                #expect(claimed.map(\.run.id) == [first.run])
                #expect(claimed[0].event.id == events[0])
                #expect(claimed[0].batch.map(\.id) == events)
                #expect(claimed[0].batch.map(\.raw) == ["[1]", "[2]", "[3]"].map { Array($0.utf8) })
                let detail = try await bench.queue.run(first.run)
                #expect(detail?.batch == events)
                for event in events {
                    #expect(try await bench.queue.runs(of: event).map(\.id) == [first.run])
                    #expect(try await bench.queue.event(event)?.runs == 1)
                }
                let next = try await bench.accept(batch())
                #expect(try await bench.run(next.run).state == .scheduled)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a batch starts when its time is over, and survives a restart") { bench in
                let first = try await bench.accept(batch())
                bench.clock.advance(by: .seconds(6))
                let next = try await bench.restarted()
                let second = try await next.accept(batch())
                #expect(try await next.queue.oldestDue() == next.clock.now() + .seconds(4))
                next.clock.advance(by: .seconds(4))
                // Its time is over, started or not.
                let third = try await next.accept(batch())
                let claimed = try await next.claimRuns()
                #expect(claimed.map(\.run.id) == [first.run])
                #expect(claimed[0].batch.map(\.id) == [first.event, second.event])
                #expect(try await next.run(third.run).state == .scheduled)
                await next.store.close(next.queue)
            },
            ConformanceCase("a batch whose bodies would be too large is closed early") { bench in
                let small = batch(size: 100, bytes: 10)
                let first = try await bench.accept(small, body: "[123]")
                let second = try await bench.accept(small, body: "[456]")
                let third = try await bench.accept(small, body: "[789]")
                let claimed = try await bench.claimRuns()
                #expect(claimed.map { $0.batch.map(\.id) } == [[first.event, second.event]])
                let alone = try await bench.accept(small, body: "[123456789]")
                let rest = try await bench.claimRuns().map { $0.batch.map(\.id) }
                #expect(Set(rest) == [[third.event], [alone.event]])
            },
            ConformanceCase("a batch of one runs at once") { bench in
                let only = try await bench.accept(batch(size: 1))
                #expect(try await bench.claimRuns().map { $0.batch.map(\.id) } == [[only.event]])
            },
            ConformanceCase("a replay of a batch has the same events") { bench in
                var events: [Identifier<Event>] = []
                for _ in 0..<3 { events.append(try await bench.accept(batch()).event) }
                let run = try #require(try await bench.claimRuns().first)
                _ = try await bench.finish(run)
                let replay = try await bench.queue.replay(
                    RunReplay(run: run.run.id, mode: .missing, newRun: bench.ids.next(), version: nil))
                let claimed = try await bench.claimRuns()
                #expect(claimed.map(\.run.id) == [replay])
                #expect(claimed.first?.batch.map(\.id) == events)
                #expect(try await bench.queue.runs(of: events[2]).map(\.id) == [run.run.id, replay])
                #expect(try await bench.queue.event(events[2])?.runs == 2)
            },
            ConformanceCase("an event is kept while a batch holds it") { bench in
                var events: [Identifier<Event>] = []
                for _ in 0..<3 { events.append(try await bench.accept(batch()).event) }
                let run = try #require(try await bench.claimRuns().first)
                bench.clock.advance(by: .seconds(20))
                let old = Pruning(before: bench.clock.now())
                #expect(try await bench.queue.prune(old).events == 0)
                _ = try await bench.queue.extendLeases(
                    LeaseExtension(runs: [run.run.id: run.fence], outputs: [:], lease: .seconds(30)))
                _ = try await bench.finish(run)
                #expect(try await bench.queue.prune(old).events == 3)
                #expect(try await bench.queue.run(run.run.id) == nil)
                #expect(try await bench.queue.events(EventQuery()).isEmpty)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("batches of one key stand in their line") { bench in
                let flow = batch(size: 2, lane: .init(key: "a"))
                var events: [Identifier<Event>] = []
                for _ in 0..<4 { events.append(try await bench.accept(flow).event) }
                let first = try await bench.claimRuns()
                #expect(first.map { $0.batch.map(\.id) } == [Array(events[..<2])])
                #expect(try await bench.claimRuns().isEmpty)
                _ = try await bench.finish(first[0])
                #expect(try await bench.claimRuns().map { $0.batch.map(\.id) } == [Array(events[2...])])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a conflicting event that is released joins the batch of its key") { bench in
                let first = bench.accepted("[1]", delivery: "d", recipes: ["lead"], flow: batch(size: 2))
                let second = bench.accepted("[2]", delivery: "d", recipes: ["lead"], flow: batch(size: 2))
                _ = try await bench.queue.accept(first)
                _ = try await bench.queue.accept(second)
                let released = second.events[0].event.id
                let made = try await bench.queue.release(
                    ConflictRelease(event: released, runs: [bench.new("lead", false, batch(size: 2))]))
                #expect(made == [first.events[0].runs[0].id])
                let claimed = try await bench.claimRuns()
                #expect(claimed.map { $0.batch.map(\.id) } == [[first.events[0].event.id, released]])
                await bench.expect(.conflict) {
                    _ = try await bench.queue.release(ConflictRelease(event: released, runs: [bench.new("lead")]))
                }
            },
        ]
    }
}
