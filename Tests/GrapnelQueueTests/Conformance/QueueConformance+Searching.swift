import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    static var searching: [ConformanceCase] {
        [
            ConformanceCase("events are found by what stands in their body, headers or query, and by their time") {
                bench in
                let bodies = [#"{"email":"ada@example.com"}"#, #"{"email":"bob@example.com"}"#, "{}"]
                var ids: [Identifier<Event>] = []
                for body in bodies {
                    let accepted = bench.accepted(body)
                    ids.append(accepted.events[0].event.id)
                    _ = try await bench.queue.accept(accepted)
                    bench.clock.advance(by: .seconds(7200))
                }
                func list(_ query: EventQuery) async throws -> [Int] {
                    try await bench.queue.events(query).compactMap { ids.firstIndex(of: $0.event.id) }
                }
                #expect(try await list(EventQuery(containing: Array("ada@".utf8))) == [0])
                #expect(try await list(EventQuery(containing: Array("@example".utf8))) == [1, 0])
                #expect(try await list(EventQuery(containing: Array("X-Kind".utf8))) == [2, 1, 0])
                #expect(try await list(EventQuery(containing: Array("a=1".utf8))) == [2, 1, 0])
                #expect(try await list(EventQuery(containing: Array("ADA".utf8))).isEmpty)
                let start = bench.clock.now() - .seconds(3 * 7200)
                #expect(try await list(EventQuery(since: start + .milliseconds(1))) == [2, 1])
                #expect(try await list(EventQuery(since: start, until: start + .seconds(7201))) == [1, 0])
                #expect(try await list(EventQuery(until: start)).isEmpty)
                #expect(try await list(EventQuery(matches: { $0.raw.count == 2 })) == [2])
            },
            ConformanceCase("an element of a batch is found by its own part") { bench in
                var accepted = bench.accepted(#"[{"id":"one"},{"id":"two"}]"#, delivery: "1")
                var second = accepted.events[0]
                second.event.id = bench.ids.next()
                second.event.deliveryID = "2"
                for (index, text) in [#"{"id":"one"}"#, #"{"id":"two"}"#].enumerated() {
                    if index == 1 { accepted.events.append(second) }
                    accepted.events[index].event.bodyKind = .value
                    accepted.events[index].event.value = Array(text.utf8)
                }
                _ = try await bench.queue.accept(accepted)
                let found = try await bench.queue.events(EventQuery(containing: Array("two".utf8)))
                #expect(found.map(\.event.deliveryID) == ["2"])
            },
            ConformanceCase("a page looks at a bounded number of rows and says where to go on") { bench in
                var runs: [Identifier<Run>] = []
                for index in 0..<7 {
                    runs.append(try await accepted(bench, index == 1 ? "rare" : "common"))
                }
                var query = RunQuery(states: [.ready], event: EventFilter(source: "crm"), limit: 1, scan: 3)
                query.recipe = "rare"
                let recipes = try await bench.queue.searchRuns(query)
                #expect(recipes.rows.map(\.id) == [runs[1]])
                // Without an index that holds what fits, it takes several pages.
                query.recipe = nil
                query.event.matches = { _ in true }
                query.error = "nothing says this"
                let first = try await bench.queue.searchRuns(query)
                #expect(first.rows.isEmpty)
                #expect(first.scanned == 3)
                #expect(first.next == runs[4])
                query.before = first.next
                query.error = nil
                let second = try await bench.queue.searchRuns(query)
                #expect(second.rows.map(\.id) == [runs[3]])
                #expect(second.scanned == 1)
                query.before = runs[1]
                let last = try await bench.queue.searchRuns(query)
                #expect(last.rows.map(\.id) == [runs[0]])
                query.limit = 2
                #expect(try await bench.queue.searchRuns(query).next == nil)
                #expect(try await bench.queue.runs(RunQuery(limit: 1000, scan: 2)).map(\.id) == runs.reversed())
            },
            ConformanceCase("runs are found by reason, error, time, and the event they handle") { bench in
                var runs: [Identifier<Run>] = []
                for (reason, message, body) in [
                    (DeadReason.exhausted, "timeout after 1500 ms", #"{"to":"ada"}"#),
                    (.poison, "Timeout after 20 ms", #"{"to":"bob"}"#), (.rejected, "50% [x] * refused", "{}"),
                ] {
                    let run = try await bench.leasedRun(body: body)
                    _ = try await bench.finish(run, .die(reason), failure: AttemptFailure(.threw, message))
                    runs.append(run.run.id)
                    bench.clock.advance(by: .seconds(7200))
                }
                let parked = try await bench.leasedRun()
                _ = try await bench.finish(parked, .park(.unknownEffect), failure: AttemptFailure(.callUnknown, "?"))
                runs.append(parked.run.id)
                func list(_ query: RunQuery) async throws -> [Int] {
                    try await bench.queue.runs(query).compactMap { run in runs.firstIndex(of: run.id) }
                }
                #expect(try await list(RunQuery(deadReasons: [.poison])) == [1])
                #expect(try await list(RunQuery(deadReasons: [.poison], parkReasons: [.unknownEffect])) == [3, 1])
                #expect(try await list(RunQuery(states: [.dead], error: "timeout AFTER")) == [1, 0])
                #expect(try await list(RunQuery(error: "timeout after … ms")) == [1, 0])
                #expect(try await list(RunQuery(error: "timeout after 1… ms")) == [0])
                #expect(try await list(RunQuery(error: "[x] *")) == [2])
                #expect(try await list(RunQuery(error: "x*")).isEmpty)
                #expect(try await list(RunQuery(states: [.dead, .parked], order: .oldestFirst)) == [0, 1, 2, 3])
                #expect(try await list(RunQuery(states: [.dead], order: .oldestFirst, after: runs[0])) == [1, 2])
                let now = bench.clock.now()
                #expect(try await list(RunQuery(since: now)) == [3])
                #expect(try await list(RunQuery(states: [.dead], until: now - .seconds(7200))) == [1, 0])
                let filter = EventFilter(containing: Array("bob".utf8))
                #expect(try await list(RunQuery(event: filter)) == [1])
                #expect(try await list(RunQuery(event: EventFilter(source: "git"))).isEmpty)
                #expect(try await list(RunQuery(event: EventFilter(matches: { $0.raw.count == 12 }))) == [1, 0])
            },
            ConformanceCase("what waits for a person is found once, be it a call or an output") { bench in
                let run = try await bench.leasedRun()
                let call = bench.call(run, effectClass: .atMostOnce)
                _ = try await bench.begin(call, run)
                try await bench.settle(call, .unknown)
                #expect(try await bench.queue.effects(EffectQuery(awaitsDecision: true)).isEmpty)
                _ = try await bench.finish(run, .park(.unknownEffect), failure: AttemptFailure(.callUnknown, "?"))
                let (_, output) = try await bench.leasedOutput(.atMostOnce)
                _ = try await bench.finish(output, .park(.unknownEffect), .unknown, failure: Bench.timeout)
                let (_, other) = try await bench.leasedOutput()
                _ = try await bench.finish(other, .retry(at: bench.clock.now()), .unknown, failure: Bench.timeout)
                let found = try await bench.queue.effects(EffectQuery(awaitsDecision: true))
                #expect(found.map(\.effect.id) == [output.effect.id, call.id])
            },
            ConformanceCase("effects are found by operation, recipe, reason, failure, time and event") { bench in
                var steps: [Identifier<Effect>] = []
                for (index, body) in [#"{"to":"ada"}"#, #"{"to":"bob"}"#].enumerated() {
                    let run = try await bench.leasedRun(index == 0 ? "lead" : "order", body: body)
                    guard
                        case .finished(let leased) = try await bench.finish(
                            run, outputs: [bench.intent("step", startNow: true)])
                    else { throw BenchFailure("not finished") }
                    _ = try await bench.finish(
                        leased[0], index == 0 ? .die(.rejected) : .park(.unknownEffect), .unknown,
                        failure: Bench.timeout)
                    steps.append(leased[0].effect.id)
                    bench.clock.advance(by: .seconds(7200))
                }
                func list(_ query: EffectQuery) async throws -> [Int] {
                    try await bench.queue.effects(query).compactMap { steps.firstIndex(of: $0.effect.id) }
                }
                #expect(try await list(EffectQuery(operation: "postMessage")) == [1, 0])
                #expect(try await list(EffectQuery(operation: "other")).isEmpty)
                #expect(try await list(EffectQuery(recipe: "order")) == [1])
                #expect(try await list(EffectQuery(deadReasons: [.rejected])) == [0])
                #expect(try await list(EffectQuery(deliveryStates: [.dead, .parked], error: "NO answer")) == [1, 0])
                #expect(try await list(EffectQuery(deliveryStates: [.dead, .parked], order: .oldestFirst)) == [0, 1])
                #expect(try await list(EffectQuery(states: [.unknown], error: "no…swer")) == [1, 0])
                #expect(try await list(EffectQuery(states: [.unknown], before: steps[1])) == [0])
                #expect(try await list(EffectQuery(order: .oldestFirst, after: steps[0])) == [1])
                #expect(try await list(EffectQuery(since: bench.clock.now() - .seconds(7200))) == [1])
                #expect(try await list(EffectQuery(asOf: bench.clock.now() - .seconds(7201))) == [0])
                #expect(try await list(EffectQuery(event: EventFilter(containing: Array("bob".utf8)))) == [1])
                #expect(try await list(EffectQuery(event: EventFilter(matches: { $0.raw.count > 99 }))).isEmpty)
                #expect(try await list(EffectQuery(awaitsDecision: true)) == [1])
                let page = try await bench.queue.searchEffects(EffectQuery(deliveryStates: [.dead, .parked], scan: 1))
                #expect(page.rows.count == 1)
                #expect(page.next == steps[1])
            },
        ]
    }
}
