import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension Bench {
    /// Outputs of one line each, each of a run of its own, in the order of their commits.
    fileprivate func outputs(
        _ lanes: [String?], _ effectClass: EffectClass = .atLeastOnce, delay: Duration = .zero, startNow: Bool = false
    ) async throws -> [Identifier<Effect>] {
        var ids: [Identifier<Effect>] = []
        for lane in lanes {
            let run = try await leasedRun()
            let intent = intent(effectClass: effectClass, delay: delay, startNow: startNow, lane: lane)
            _ = try await finish(run, outputs: [intent])
            ids.append(try #require(try await queue.effect(origin: run.run.origin, step: intent.step)).id)
        }
        return ids
    }

    /// Leases the one output that is due, and checks that it is this one.
    fileprivate func claim(
        only id: Identifier<Effect>, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> LeasedOutput {
        let claimed = try await claimOutputs()
        #expect(claimed.map(\.effect.id) == [id], sourceLocation: sourceLocation)
        return try #require(claimed.first, sourceLocation: sourceLocation)
    }
}

extension QueueConformance {
    static var outputLines: [ConformanceCase] { orderOfOutputs + endsInLines + plansOfOutputs }

    private static var orderOfOutputs: [ConformanceCase] {
        [
            ConformanceCase("outputs of one line are leased one after another, in the order of their commits") {
                bench in
                let line = try await bench.outputs(["a", "a", "a", "a"])
                let others = try await bench.outputs(["b", nil, nil])
                let counts = try await bench.queue.counts().outputs
                #expect(counts[.ready] == 4 && counts[.scheduled] == 3)
                var claimed = try await bench.claimOutputs()
                #expect(Set(claimed.map(\.effect.id)) == Set([line[0]] + others))
                for (index, id) in line.enumerated() {
                    let head = try #require(claimed.first { $0.effect.id == id })
                    #expect(try await bench.claimOutputs().isEmpty)
                    for later in line.dropFirst(index + 1) {
                        let delivery = try await bench.delivery(later)
                        #expect(delivery.lane == "a" && delivery.heldBy == id && delivery.dueAt == .never)
                    }
                    #expect(try await bench.finish(head, .succeed, .confirmed))
                    claimed = try await bench.claimOutputs()
                }
                #expect(claimed.isEmpty)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("of the outputs of one run the first of a line is sent at once, the others wait") { bench in
                let run = try await bench.leasedRun()
                let intents = [("1", "a"), ("2", "a"), ("3", "b"), ("4", "a")].map {
                    bench.intent($0.0, startNow: true, lane: $0.1)
                }
                guard case .finished(let leased) = try await bench.finish(run, outputs: intents) else {
                    throw BenchFailure("the run was not finished")
                }
                #expect(leased.map(\.effect.step) == ["1", "3"])
                #expect(try await bench.claimOutputs().isEmpty)
                #expect(try await bench.finish(leased[0], .succeed, .confirmed))
                let second = try #require(try await bench.claimOutputs().first)
                #expect(second.effect.step == "2" && second.effect.sends == 1)
                #expect(try await bench.finish(second, .succeed, .confirmed))
                #expect(try await bench.claimOutputs().map(\.effect.step) == ["4"])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("lines are those of a connection") { bench in
                let run = try await bench.leasedRun()
                let intents = ["slack", "sms"].map { bench.intent($0, connection: $0, startNow: true, lane: "a") }
                guard case .finished(let leased) = try await bench.finish(run, outputs: intents) else {
                    throw BenchFailure("the run was not finished")
                }
                #expect(leased.count == 2)
            },
            ConformanceCase("an output that is tried again holds its key, and no other") { bench in
                let line = try await bench.outputs(["a", "a"])
                let head = try await bench.claim(only: line[0])
                let at = bench.clock.now() + .seconds(300)
                #expect(try await bench.finish(head, .retry(at: at), .failed, attemptFailure: .callFailed))
                let other = try await bench.outputs(["b"])
                _ = try await bench.claim(only: other[0])
                #expect(try await bench.delivery(line[1]).heldBy == line[0])
                bench.clock.advance(by: .seconds(300))
                let again = try await bench.claim(only: line[0])
                // Handed back it keeps its place too, and has not been tried.
                let handBack = OutputFinish(
                    effect: line[0], fence: again.fence, decision: .retry(at: at + .seconds(60)),
                    counters: again.counters, attempt: nil, state: .intended)
                #expect(try await bench.queue.finishOutput(handBack))
                #expect(try await bench.claimOutputs().isEmpty)
                bench.clock.advance(by: .seconds(60))
                let last = try await bench.claim(only: line[0])
                #expect(try await bench.finish(last, .die(.exhausted), .failed, attemptFailure: .callFailed))
                _ = try await bench.claim(only: line[1])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a parked output holds its key until a person has decided") { bench in
                for choice in EffectResolution.Choice.allCases {
                    let line = try await bench.outputs(["a \(choice)", "a \(choice)"], .atMostOnce)
                    let head = try await bench.claim(only: line[0])
                    #expect(
                        try await bench.finish(
                            head, .park(.unknownEffect), .unknown, failure: Bench.timeout, attemptFailure: .callUnknown)
                    )
                    #expect(try await bench.claimOutputs().isEmpty)
                    #expect(try await bench.queue.oldestDue() == nil)
                    #expect(try await bench.delivery(line[1]).heldBy == line[0])
                    _ = try await bench.queue.resolve(EffectResolution(effect: line[0], choice: choice))
                    if choice == .resend {
                        let again = try await bench.claim(only: line[0])
                        #expect(try await bench.finish(again, .succeed, .confirmed))
                    }
                    let next = try await bench.claim(only: line[1])
                    #expect(try await bench.finish(next, .succeed, .confirmed))
                }
                try await bench.expectHonestCounters()
            },
            ConformanceCase("outputs that wait for other credentials keep their order") { bench in
                let line = try await bench.outputs(["a", "a"])
                let head = try await bench.claim(only: line[0])
                #expect(try await bench.finish(head, .park(.connectionUnauthorized), .failed, failure: Bench.timeout))
                #expect(try await bench.claimOutputs().isEmpty)
                _ = try await bench.queue.wake(
                    ParkedWake(.outputs(toConnection: "slack"), parkedAs: .connectionUnauthorized))
                let again = try await bench.claim(only: line[0])
                #expect(try await bench.finish(again, .succeed, .confirmed))
                _ = try await bench.claim(only: line[1])
            },
        ]
    }

    private static var endsInLines: [ConformanceCase] {
        [
            ConformanceCase("an output that is cancelled lets its line go on, wherever it stands") { bench in
                let line = try await bench.outputs(["a", "a", "a", "a"])
                _ = try await bench.queue.cancel(Cancellation(outputs: [line[1]]))
                let head = try await bench.claim(only: line[0])
                _ = try await bench.queue.cancel(Cancellation(outputs: [line[0]]))
                #expect(try await bench.claimOutputs().isEmpty, "it is leased until its node has ended it")
                #expect(try await bench.finish(head, .retry(at: bench.clock.now()), .failed))
                let third = try await bench.claim(only: line[2])
                let later = bench.clock.now() + .seconds(60)
                #expect(try await bench.finish(third, .retry(at: later), .failed))
                _ = try await bench.queue.cancel(Cancellation(outputs: [line[2]]))
                _ = try await bench.claim(only: line[3])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a lost lease of an output is taken up before the next of its line") { bench in
                let line = try await bench.outputs(["a", "a"], startNow: true)
                bench.clock.advance(by: .seconds(61))
                #expect(try await bench.queue.rescue(LeaseRescue()).outputs == 1)
                let again = try await bench.claim(only: line[0])
                #expect(again.effect.maybeDuplicate)
                bench.clock.advance(by: .seconds(61))
                _ = try await bench.queue.rescue(LeaseRescue(policy: RetryPolicy(maxLosses: 1)))
                #expect(try await bench.delivery(line[0]).state == .dead)
                _ = try await bench.claim(only: line[1])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a line of outputs is kept over a restart") { bench in
                let line = try await bench.outputs(["a", "a", "a"], .idempotent)
                _ = try await bench.claim(only: line[0])
                let next = try await bench.restarted()
                #expect(try await next.claimOutputs().isEmpty)
                _ = try await next.queue.rescue(LeaseRescue())
                for id in line {
                    let head = try await next.claim(only: id)
                    #expect(try await next.finish(head, .succeed, .confirmed))
                }
                try await next.expectHonestCounters()
                await next.store.close(next.queue)
            },
            ConformanceCase("a dead output that is sent again joins the end of its line") { bench in
                let line = try await bench.outputs(["a", "a"])
                let head = try await bench.claim(only: line[0])
                #expect(try await bench.finish(head, .die(.rejected), .failed, attemptFailure: .callFailed))
                _ = try await bench.queue.resolve(EffectResolution(effect: line[0], choice: .resend))
                #expect(try await bench.delivery(line[0]).heldBy == line[1])
                for id in [line[1], line[0]] {
                    let head = try await bench.claim(only: id)
                    #expect(try await bench.finish(head, .succeed, .confirmed))
                }
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a replay that takes a dead output up joins the end of its line") { bench in
                let run = try await bench.leasedRun()
                let intent = bench.intent(startNow: true, lane: "a")
                guard case .finished(let leased) = try await bench.finish(run, outputs: [intent]) else {
                    throw BenchFailure("the run was not finished")
                }
                #expect(try await bench.finish(leased[0], .die(.rejected), .failed, attemptFailure: .callFailed))
                let other = try await bench.outputs(["a"])
                _ = try await bench.queue.replay(
                    RunReplay(run: run.run.id, mode: .missing, newRun: bench.ids.next(), version: nil))
                let replay = try #require(try await bench.claimRuns().first)
                guard case .finished(let again) = try await bench.finish(replay, outputs: [intent]) else {
                    throw BenchFailure("the replay was not finished")
                }
                #expect(again.isEmpty)
                #expect(try await bench.delivery(leased[0].effect.id).heldBy == other[0])
                let first = try await bench.claim(only: other[0])
                #expect(try await bench.finish(first, .succeed, .confirmed))
                _ = try await bench.claim(only: leased[0].effect.id)
                try await bench.expectHonestCounters()
            },
        ]
    }

    private static var plansOfOutputs: [ConformanceCase] {
        [
            ConformanceCase("a delayed output of a line waits for both, and holds those behind it") { bench in
                let first = try await bench.outputs(["a"])
                let delayed = try await bench.outputs(["a"], delay: .seconds(60))
                let last = try await bench.outputs(["a"])
                let head = try await bench.claim(only: first[0])
                bench.clock.advance(by: .seconds(20))
                #expect(try await bench.finish(head, .succeed, .confirmed))
                #expect(try await bench.claimOutputs().isEmpty)
                #expect(
                    try await bench.queue.nextOutputDue(after: bench.clock.now()) == bench.clock.now() + .seconds(40))
                bench.clock.advance(by: .seconds(40))
                let second = try await bench.claim(only: delayed[0])
                #expect(try await bench.finish(second, .succeed, .confirmed))
                _ = try await bench.claim(only: last[0])
            },
            ConformanceCase("an output in a line waits no longer for a clock that was ahead") { bench in
                let first = try await bench.outputs(["a"])
                let head = try await bench.claim(only: first[0])
                let right = bench.clock.now()
                bench.clock.setWallClock(right + .seconds(3600))
                let delayed = try await bench.outputs(["a"], delay: .seconds(60))
                bench.clock.setWallClock(right)
                _ = try await bench.queue.recall(
                    Recall(dueAfter: bench.clock.now() + .seconds(90_000), back: .seconds(3600)))
                #expect(try await bench.delivery(delayed[0]).dueAt == .never)
                #expect(try await bench.finish(head, .succeed, .confirmed))
                #expect(
                    try await bench.queue.nextOutputDue(after: bench.clock.now()) == bench.clock.now() + .seconds(60))
                bench.clock.advance(by: .seconds(60))
                let output = try await bench.claim(only: delayed[0])
                #expect(output.plannedFor == bench.clock.now())
            },
            ConformanceCase("an output knows the moment that it is meant for") { bench in
                let start = bench.clock.now()
                let plain = try await bench.outputs([nil])
                let first = try await bench.claim(only: plain[0])
                #expect(first.plannedFor == nil && first.effect.createdAt == start)
                #expect(try await bench.finish(first, .die(.rejected), .failed))
                let delayed = try await bench.outputs([nil], delay: .seconds(60))
                bench.clock.advance(by: .seconds(90))
                #expect(try await bench.claim(only: delayed[0]).plannedFor == start + .seconds(60))
                _ = try await bench.queue.resolve(EffectResolution(effect: plain[0], choice: .resend))
                #expect(try await bench.claim(only: plain[0]).plannedFor == start + .seconds(90))
            },
            ConformanceCase("an output that ends before it was sent was not sent, and says why") { bench in
                let output = try await bench.outputs([nil])
                let leased = try await bench.claim(only: output[0])
                let finish = OutputFinish(
                    effect: output[0], fence: leased.fence, decision: .die(.expired), counters: leased.counters,
                    attempt: nil, state: .intended,
                    failure: CallFailure(code: "expired", message: "too old", isRetryable: false, outcome: .definite))
                #expect(try await bench.queue.finishOutput(finish))
                let detail = try await bench.effect(output[0])
                #expect(detail.effect.state == .intended && detail.effect.sends == 0)
                #expect(detail.effect.failure?.code == "expired" && detail.effect.settledAt == bench.clock.now())
                #expect(detail.delivery?.state == .dead && detail.delivery?.deadReason == .expired)
                #expect(detail.delivery?.counters == WorkCounters())
            },
        ]
    }
}
