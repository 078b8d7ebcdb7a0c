import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    static var bulk: [ConformanceCase] {
        [
            ConformanceCase("many runs are replayed in one commit, each refusal by itself") { bench in
                let dead = try await dead(3, bench)
                let waiting = try await accepted(bench)
                let replays = (dead + [waiting, bench.ids.next()]).map { replay($0, bench) }
                let results = try await bench.queue.replay(replays)
                #expect(results.prefix(3).compactMap { try? $0.get() } == replays.prefix(3).map(\.newRun))
                #expect(results.dropFirst(3).map { failure($0) } == [.conflict, .notFound])
                let claimed = try await bench.claimRuns().filter { $0.run.replayOf != nil }
                // In the order in which they were asked for.
                #expect(claimed.map(\.run.replayOf) == dead.map { Optional($0) })
                #expect(claimed.map(\.run.origin) == dead)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a bulk that is started again replays nothing twice, unless that is wanted") { bench in
                let dead = try await dead(2, bench)
                _ = try await bench.queue.replay([replay(dead[0], bench, repeats: false)])
                let again = try await bench.queue.replay(dead.map { replay($0, bench, repeats: false) })
                #expect(again.map { failure($0) } == [.conflict, nil])
                for run in try await bench.claimRuns() {
                    _ = try await bench.finish(run, .die(.rejected), failure: AttemptFailure(.discarded, "no"))
                }
                #expect(try await bench.queue.runs(RunQuery(states: [.dead], isWithoutReplay: true)).count == 2)
                #expect(try await bench.queue.runs(RunQuery(states: [.dead])).count == 4)
                let wanted = try await bench.queue.replay(dead.map { replay($0, bench) })
                #expect(wanted.map { failure($0) } == [nil, nil])
            },
            ConformanceCase("many effects are resolved in one commit, each refusal by itself") { bench in
                let (_, first) = try await bench.leasedOutput(.atMostOnce)
                let (_, second) = try await bench.leasedOutput(.atMostOnce)
                _ = try await bench.finish(first, .park(.unknownEffect), .unknown, failure: Bench.timeout)
                let results = try await bench.queue.resolve([
                    EffectResolution(effect: first.effect.id, choice: .confirm),
                    EffectResolution(effect: second.effect.id, choice: .confirm),
                    EffectResolution(effect: bench.ids.next(), choice: .confirm),
                ])
                #expect(results.map { failure($0) } == [nil, .conflict, .notFound])
                #expect(try await bench.delivery(first.effect.id).state == .succeeded)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a set is fixed by a moment: what fails later is not in it") { bench in
                let early = try await dead(2, bench)
                let running = try await bench.leasedRun()
                let moment = bench.clock.now()
                bench.clock.advance(by: .seconds(1))
                _ = try await bench.finish(running, .die(.rejected), failure: AttemptFailure(.discarded, "no"))
                _ = try await dead(1, bench)
                let query = RunQuery(states: [.dead], asOf: moment, order: .oldestFirst)
                #expect(try await bench.queue.runs(query).map(\.id) == early)
            },
            ConformanceCase("the ledger's effects are summed up by operation and state") { bench in
                var origins: [Identifier<Run>] = []
                for _ in 0..<2 {
                    let run = try await bench.leasedRun()
                    let call = bench.call(run)
                    _ = try await bench.begin(call, run)
                    try await bench.settle(call, .confirmed)
                    _ = try await bench.finish(run, outputs: [bench.intent("one"), bench.intent("two")])
                    origins.append(run.run.id)
                }
                let tallies = try await bench.queue.effectTallies(of: origins + origins)
                #expect(
                    tallies == [
                        EffectTally(
                            connection: "crm", operation: "getContact", effectClass: .safe, state: .confirmed, count: 2),
                        EffectTally(
                            connection: "slack", operation: "postMessage", effectClass: .atLeastOnce,
                            state: .intended, count: 4),
                    ])
            },
        ]
    }

    private static func dead(_ count: Int, _ bench: Bench) async throws -> [Identifier<Run>] {
        var runs: [Identifier<Run>] = []
        for _ in 0..<count {
            let run = try await bench.leasedRun()
            _ = try await bench.finish(run, .die(.rejected), failure: AttemptFailure(.discarded, "no"))
            runs.append(run.run.id)
        }
        return runs
    }

    private static func replay(_ run: Identifier<Run>, _ bench: Bench, repeats: Bool = true) -> RunReplay {
        RunReplay(run: run, mode: .missing, newRun: bench.ids.next(), version: nil, repeats: repeats)
    }

    private static func failure<Value>(_ result: Result<Value, QueueError>) -> QueueError.Code? {
        guard case .failure(let error) = result else { return nil }
        return error.code
    }
}
