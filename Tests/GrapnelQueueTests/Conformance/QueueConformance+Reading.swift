import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    static var lists: [ConformanceCase] {
        [
            ConformanceCase("events are listed newest first, in pages, by source and type") { bench in
                var ids: [Identifier<Event>] = []
                for (source, type) in [
                    ("git", "issues.opened"), ("git", "issues.closed"), ("crm", "issues.opened"), ("git", "push"),
                    ("git", "issues[x]"),
                ] {
                    let accepted = bench.accepted(source: source, type: type)
                    ids.append(accepted.events[0].event.id)
                    _ = try await bench.queue.accept(accepted)
                }
                func list(_ query: EventQuery) async throws -> [Int] {
                    try await bench.queue.events(query).compactMap { ids.firstIndex(of: $0.event.id) }
                }
                #expect(try await list(EventQuery()) == [4, 3, 2, 1, 0])
                #expect(try await list(EventQuery(limit: 2)) == [4, 3])
                #expect(try await list(EventQuery(before: ids[3], limit: 2)) == [2, 1])
                #expect(try await list(EventQuery(source: "git", type: "issues.opened")) == [0])
                #expect(try await list(EventQuery(type: "issues.*")) == [2, 1, 0])
                #expect(try await list(EventQuery(type: "issues[x]*")) == [4])
                let requests = try await bench.queue.requests(RequestQuery(source: "git", limit: 2))
                #expect(requests.flatMap(\.events) == [ids[4], ids[3]])
                let next = try await bench.queue.requests(RequestQuery(source: "git", before: requests[1].id))
                #expect(next.flatMap(\.events) == [ids[1], ids[0]])
            },
            ConformanceCase("runs are listed newest first, in pages, by recipe and state") { bench in
                var runs: [LeasedRun] = []
                for recipe in ["a", "b", "a", "a"] { runs.append(try await bench.leasedRun(recipe)) }
                _ = try await bench.finish(runs[0], .die(.rejected))
                _ = try await bench.finish(runs[2])
                func list(_ query: RunQuery) async throws -> [Int] {
                    try await bench.queue.runs(query).compactMap { run in runs.firstIndex { $0.run.id == run.id } }
                }
                #expect(try await list(RunQuery()) == [3, 2, 1, 0])
                #expect(try await list(RunQuery(recipe: "a")) == [3, 2, 0])
                #expect(try await list(RunQuery(states: [.dead, .succeeded])) == [2, 0])
                #expect(try await list(RunQuery(states: [.dead])) == [0])
                #expect(try await list(RunQuery(recipe: "b", states: [.leased])) == [1])
                #expect(try await list(RunQuery(before: runs[2].run.id, limit: 1)) == [1])
            },
            ConformanceCase("effects are listed newest first, by connection and state") { bench in
                let run = try await bench.leasedRun()
                let call = bench.call(run)
                _ = try await bench.begin(call, run)
                try await bench.settle(call, .confirmed)
                let intents = [
                    bench.intent("one", startNow: true), bench.intent("two", connection: "sms", startNow: true),
                    bench.intent("three"),
                ]
                guard case .finished(let leased) = try await bench.finish(run, outputs: intents) else {
                    throw BenchFailure("not finished")
                }
                _ = try await bench.finish(leased[0], .die(.rejected), .failed, failure: Bench.timeout)
                func list(_ query: EffectQuery) async throws -> [String] {
                    try await bench.queue.effects(query).map(\.effect.step)
                }
                #expect(try await list(EffectQuery()) == ["three", "two", "one", call.step])
                #expect(try await list(EffectQuery(connection: "slack")) == ["three", "one"])
                #expect(try await list(EffectQuery(states: [.confirmed, .failed])) == ["one", call.step])
                #expect(try await list(EffectQuery(deliveryStates: [.dead])) == ["one"])
                #expect(try await list(EffectQuery(deliveryStates: [.ready, .leased])) == ["three", "two"])
                #expect(try await list(EffectQuery(before: leased[1].effect.id, limit: 1)) == ["one"])
                let detail = try #require(try await bench.queue.run(run.run.id))
                #expect(detail.effects.map(\.effect.step) == [call.step, "one", "two", "three"])
                #expect(detail.effects[0].delivery == nil)
                #expect(detail.effects[1].delivery?.attempts.count == 1)
            },
            ConformanceCase("what is not there reads as nothing") { bench async throws in
                #expect(try await bench.queue.event(bench.ids.next()) == nil)
                #expect(try await bench.queue.request(bench.ids.next()) == nil)
                #expect(try await bench.queue.run(bench.ids.next()) == nil)
                #expect(try await bench.queue.effect(bench.ids.next()) == nil)
                #expect(try await bench.queue.effect(origin: bench.ids.next(), step: "x") == nil)
                #expect(try await bench.queue.reply(to: bench.ids.next()) == nil)
                #expect(try await bench.queue.runs(of: bench.ids.next()).isEmpty)
                #expect(try await bench.queue.oldestDue() == nil)
                #expect(try await bench.queue.counts().events == 0)
            },
        ]
    }

    static var pruning: [ConformanceCase] {
        [
            ConformanceCase("old events go with all that hangs on them, in small steps") { bench in
                var events: [Identifier<Event>] = []
                var runs: [Identifier<Run>] = []
                for index in 0..<6 {
                    let run = try await bench.leasedRun(delivery: "d-\(index)")
                    events.append(run.event.id)
                    runs.append(run.run.id)
                    guard
                        case .finished(let leased) = try await bench.finish(
                            run, outputs: [bench.intent(startNow: true)])
                    else { throw BenchFailure("not finished") }
                    _ = try await bench.finish(leased[0], .succeed, .confirmed)
                }
                bench.clock.advance(by: .seconds(86_400))
                let kept = try await bench.leasedRun()
                let before = bench.clock.now() - .seconds(3600)
                var steps = 0
                var deleted = 0
                var report = PruningReport(events: 0, hasMore: true)
                while report.hasMore, steps < 100 {
                    report = try await bench.queue.prune(Pruning(before: before, limit: 6))
                    #expect(report.events <= 2)
                    deleted += report.events
                    steps += 1
                }
                #expect(deleted == 6)
                #expect(steps > 1)
                for event in events { #expect(try await bench.queue.event(event) == nil) }
                for run in runs { #expect(try await bench.queue.run(run) == nil) }
                #expect(try await bench.queue.effects(EffectQuery()).isEmpty)
                #expect(try await bench.queue.requests(RequestQuery()).count == 1)
                #expect(try await bench.queue.event(kept.event.id) != nil)
                // The delivery ids are remembered longer than the events.
                let repeated = try await bench.queue.accept(bench.accepted(delivery: "d-0"))
                #expect(repeated.dispositions == [.duplicate(of: events[0])])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("while too much is stored, the oldest go before their time") { bench in
                let body = String(repeating: "x", count: 20_000)
                for number in 0..<40 {
                    _ = try await bench.queue.accept(bench.accepted(body, delivery: "d-\(number)"))
                    bench.clock.advance(by: .seconds(1))
                }
                let longAgo = bench.clock.now() - .seconds(3600)
                let all = Pruning(before: longAgo, keep: .mebibytes(100), limit: 5)
                #expect(try await bench.queue.prune(all).events == 0)
                var deleted = 0
                for _ in 0..<20 {
                    deleted += try await bench.queue.prune(
                        Pruning(before: longAgo, keep: .kibibytes(500), limit: 5)
                    ).events
                }
                let left = try await bench.queue.events(EventQuery()).map(\.event.deliveryID)
                #expect((10...35).contains(deleted), "\(deleted)")
                #expect(left.count == 40 - deleted)
                #expect(left.first == "d-39" && left.last == "d-\(deleted)")
                try await bench.expectHonestCounters()
            },
            ConformanceCase("nothing that is not over is ever deleted") { bench in
                let waiting = bench.accepted(recipes: ["lead"])
                _ = try await bench.queue.accept(waiting)
                let (run, output) = try await bench.leasedOutput(.atMostOnce)
                _ = try await bench.finish(output, .park(.unknownEffect), .unknown, failure: Bench.timeout)
                let over = bench.accepted()
                _ = try await bench.queue.accept(over)
                bench.clock.advance(by: .seconds(1000))
                let report = try await bench.queue.prune(Pruning(before: bench.clock.now()))
                #expect(report == PruningReport(events: 1, hasMore: false))
                #expect(try await bench.queue.event(over.events[0].event.id) == nil)
                #expect(try await bench.queue.event(waiting.events[0].event.id) != nil)
                #expect(try await bench.queue.run(run.run.id) != nil)
                _ = try await bench.queue.resolve(EffectResolution(effect: output.effect.id, choice: .drop))
                #expect(try await bench.queue.prune(Pruning(before: bench.clock.now())).events == 1)
                #expect(try await bench.queue.run(run.run.id) == nil)
            },
            ConformanceCase("old rejections and expired store entries go too") { bench in
                try await bench.queue.record(
                    RejectedRequest(
                        id: bench.ids.next(), tenant: .default, source: "crm", request: bench.request(),
                        kind: .missingSignature, detail: "no header"))
                let write = KeyValueWrite(key: "k", value: [49], expiresAt: bench.clock.now() + .seconds(5))
                _ = try await bench.queue.writeKeyValues(
                    KeyValueBatch(tenant: .default, recipe: "lead", writes: [write]))
                bench.clock.advance(by: .seconds(10))
                _ = try await bench.queue.prune(Pruning(before: bench.clock.now()))
                #expect(try await bench.queue.rejections(RequestQuery()).isEmpty)
                let again = try await bench.queue.writeKeyValues(
                    KeyValueBatch(tenant: .default, recipe: "lead", writes: [KeyValueWrite(key: "k", value: [49])]))
                #expect(again == .written(versions: [1]))
            },
        ]
    }

    static var commits: [ConformanceCase] {
        [
            ConformanceCase("a write that goes wrong does not harm the ones beside it") { bench in
                let twin = bench.accepted(recipes: ["lead"])
                let results = await withTaskGroup(of: Bool.self) { group in
                    for index in 0..<200 {
                        group.addTask {
                            // Every fourth one breaks a rule of uniqueness half-way through.
                            let request = index % 4 == 0 ? twin : bench.accepted(recipes: ["lead"])
                            return (try? await bench.queue.accept(request)) != nil
                        }
                    }
                    return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
                }
                #expect(results == [true: 151, false: 49])
                #expect(try await bench.queue.events(EventQuery(limit: 1000)).count == 151)
                #expect(try await bench.queue.counts().events == 151)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("when too much waits a write is refused at once, and later ones are taken") { bench in
                let narrow = try await bench.restarted(limits: QueueLimits(waitingWrites: 4, commitWrites: 2))
                let results = await withTaskGroup(of: QueueError.Code?.self) { group in
                    for _ in 0..<2000 {
                        group.addTask {
                            do {
                                _ = try await narrow.queue.accept(narrow.accepted())
                                return nil
                            } catch {
                                return (error as? QueueError)?.code
                            }
                        }
                    }
                    return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
                }
                #expect(Set(results.keys).isSubset(of: [nil, .full]))
                #expect(results[.full, default: 0] > 0)
                #expect(try await narrow.queue.counts().events == results[nil])
                #expect(try await narrow.queue.accept(narrow.accepted()).dispositions == [.stored])
            },
            ConformanceCase("a closed queue refuses writes, and what was answered is there after the start") { bench in
                let accepted = bench.accepted(recipes: ["lead"])
                _ = try await bench.queue.accept(accepted)
                let next = try await bench.restarted()
                await bench.expect(.closed) { _ = try await bench.queue.accept(bench.accepted()) }
                #expect(try await next.queue.event(accepted.events[0].event.id)?.event == accepted.events[0].event)
                #expect(try await next.claimRuns().count == 1)
            },
        ]
    }
}
