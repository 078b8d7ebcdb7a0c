import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    private static func replay(
        _ run: LeasedRun, _ mode: RunReplay.Mode, _ bench: Bench
    ) async throws -> Identifier<Run> {
        try await bench.queue.replay(RunReplay(run: run.run.id, mode: mode, newRun: bench.ids.next(), version: nil))
    }

    static var replaying: [ConformanceCase] {
        [
            ConformanceCase("a replay that does it again is its own origin") { bench in
                let (run, output) = try await bench.leasedOutput()
                _ = try await bench.finish(output, .succeed, .confirmed)
                let id = try await replay(run, .again, bench)
                let claimed = try #require(try await bench.claimRuns().first)
                #expect(claimed.run.id == id)
                #expect(claimed.run.origin == id)
                #expect(claimed.run.replayOf == run.run.id)
                #expect(claimed.event == run.event)
                #expect(claimed.hasEffects == false)
                guard
                    case .finished(let leased) = try await bench.finish(
                        claimed, outputs: [bench.intent(startNow: true)])
                else { throw BenchFailure("not finished") }
                #expect(leased.count == 1)
                #expect(leased[0].effect.id != output.effect.id)
                #expect(try await bench.queue.runs(of: run.event.id).map(\.id) == [run.run.id, id])
            },
            ConformanceCase("a replay that finishes what is missing keeps its origin and sends nothing twice") {
                bench in
                let run = try await bench.leasedRun()
                let intents = [bench.intent("done#1", startNow: true), bench.intent("failed#1", startNow: true)]
                guard case .finished(let leased) = try await bench.finish(run, outputs: intents) else {
                    throw BenchFailure("not finished")
                }
                _ = try await bench.finish(leased[0], .succeed, .confirmed)
                _ = try await bench.finish(leased[1], .die(.rejected), .failed, failure: Bench.timeout)
                let id = try await replay(run, .missing, bench)
                let claimed = try #require(try await bench.claimRuns().first)
                #expect(claimed.run.origin == run.run.id)
                #expect(claimed.hasEffects)
                guard case .finished(let again) = try await bench.finish(claimed, outputs: intents) else {
                    throw BenchFailure("not finished")
                }
                #expect(again.map(\.effect.id) == [leased[1].effect.id])
                #expect(again[0].effect.run == id)
                #expect(again[0].effect.sends == 2)
                #expect(again[0].fence == 2)
                #expect(again[0].counters == WorkCounters())
                #expect(again[0].effect.idempotencyKey == leased[1].effect.idempotencyKey)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a replay that finishes what is missing may try failed calls again, but no unknown ones") {
                bench in
                let run = try await bench.leasedRun()
                let calls = [
                    ("failed", EffectState.failed), ("unknown", .unknown), ("confirmed", .confirmed),
                ].map { (bench.call(run, step: $0.0, effectClass: .atMostOnce), $0.1) }
                for (call, state) in calls {
                    _ = try await bench.begin(call, run)
                    try await bench.settle(call, state)
                }
                _ = try await bench.finish(run, .die(.rejected), failure: AttemptFailure(.callFailed, "404"))
                func armed() async throws -> [Bool] {
                    try #require(try await bench.queue.run(run.run.id)).effects.map(\.effect.humanSaidResend)
                }
                _ = try await replay(run, .again, bench)
                #expect(try await armed() == [false, false, false])
                _ = try await replay(run, .missing, bench)
                #expect(try await armed() == [true, false, false])
            },
            ConformanceCase("a replay parks what is unknown and must not be sent twice") { bench in
                let (run, output) = try await bench.leasedOutput(.atMostOnce)
                _ = try await bench.finish(output, .die(.exhausted), .unknown, failure: Bench.timeout)
                _ = try await replay(run, .missing, bench)
                let claimed = try #require(try await bench.claimRuns().first)
                let result = try await bench.finish(
                    claimed, outputs: [bench.intent(effectClass: .atMostOnce, startNow: true)])
                #expect(result == .finished(leased: []))
                #expect(try await bench.delivery(output.effect.id).parkReason == .unknownEffect)
            },
            ConformanceCase("a replay that waits for an unknown call goes on when a person has decided") { bench in
                let run = try await bench.leasedRun()
                let effect = bench.call(run, effectClass: .atMostOnce)
                _ = try await bench.begin(effect, run)
                try await bench.settle(effect, .unknown)
                _ = try await bench.finish(run, .park(.unknownEffect))
                _ = try await bench.queue.resolve(EffectResolution(effect: effect.id, choice: .drop))
                let id = try await replay(run, .missing, bench)
                let claimed = try #require(try await bench.claimRuns().first)
                _ = try await bench.finish(claimed, .park(.unknownEffect))
                _ = try await bench.queue.resolve(EffectResolution(effect: effect.id, choice: .confirm))
                #expect(try await bench.run(id).state == .ready)
            },
            ConformanceCase("a definite failure says nothing about an earlier sending that may have arrived") {
                bench in
                let (_, first) = try await bench.leasedOutput()
                _ = try await bench.finish(first, .retry(at: bench.clock.now()), .unknown, failure: Bench.timeout)
                let second = try #require(try await bench.claimOutputs().first)
                let refused = CallFailure(
                    code: "connect_failed", message: "refused", isRetryable: true, outcome: .definite)
                _ = try await bench.finish(second, .retry(at: bench.clock.now()), .failed, failure: refused)
                #expect(try await bench.effect(first.effect.id).effect.state == .unknown)
                let third = try #require(try await bench.claimOutputs().first)
                _ = try await bench.finish(third, .die(.rejected), .failed, failure: refused)
                #expect(try await bench.effect(first.effect.id).effect.state == .failed)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a replay takes what was refused after a sending that may have arrived for unknown") {
                bench in
                let run = try await bench.leasedRun()
                let intent = bench.intent(effectClass: .vendorKey, window: .seconds(3600), startNow: true)
                guard case .finished(let leased) = try await bench.finish(run, outputs: [intent]),
                    let first = leased.first
                else { throw BenchFailure("the run was not finished") }
                _ = try await bench.finish(first, .retry(at: bench.clock.now()), .unknown, failure: Bench.timeout)
                let second = try #require(try await bench.claimOutputs().first)
                _ = try await bench.finish(second, .die(.rejected), .failed, failure: Bench.timeout)
                bench.clock.advance(by: .seconds(3601))
                _ = try await replay(run, .missing, bench)
                let claimed = try #require(try await bench.claimRuns().first)
                #expect(try await bench.finish(claimed, outputs: [intent]) == .finished(leased: []))
                #expect(try await bench.delivery(first.effect.id).parkReason == .unknownEffect)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a replay takes a call that was refused after one that may have arrived for unknown") {
                bench in
                let run = try await bench.leasedRun()
                var call = bench.call(run, effectClass: .vendorKey)
                _ = try await bench.begin(call, run)
                try await bench.settle(call, .unknown)
                call.sends = 2
                call.maybeDuplicate = true
                _ = try await bench.begin(call, run, seen: .unknown)
                let refused = CallFailure(code: "status", message: "404", isRetryable: false, outcome: .definite)
                try await bench.queue.settleCall(
                    CallSettlement(effect: call.id, sends: 2, state: .failed, failure: refused))
                #expect(try await bench.effect(call.id).effect.state == .failed)
                _ = try await bench.finish(run, .die(.rejected), failure: AttemptFailure(.callFailed, "404"))
                _ = try await replay(run, .missing, bench)
                let found = try await bench.effect(call.id).effect
                #expect(found.state == .unknown && !found.humanSaidResend)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a step that asks for something else than the recorded one is refused") { bench in
                let (run, output) = try await bench.leasedOutput()
                _ = try await bench.finish(output, .succeed, .confirmed)
                _ = try await replay(run, .missing, bench)
                let claimed = try #require(try await bench.claimRuns().first)
                let result = try await bench.finish(
                    claimed, outputs: [bench.intent(input: "{\"text\":\"other\"}", startNow: true)],
                    keyValues: [KeyValueWrite(key: "k", value: [49])])
                guard case .nondeterministic(let step, let recorded) = result else { throw BenchFailure("\(result)") }
                #expect(step == output.effect.step)
                #expect(recorded.id == output.effect.id)
                #expect(try await bench.run(claimed.run.id).state == .leased)
                #expect(try await bench.queue.keyValue(tenant: .default, recipe: "lead", key: "k") == nil)
            },
            ConformanceCase("only a finished run is replayed, and by one that finishes it at a time") { bench in
                let run = try await bench.leasedRun()
                await bench.expect(.conflict) { _ = try await replay(run, .again, bench) }
                _ = try await bench.finish(run, .die(.rejected), failure: AttemptFailure(.discarded, "no"))
                _ = try await replay(run, .missing, bench)
                await bench.expect(.conflict) { _ = try await replay(run, .missing, bench) }
                _ = try await replay(run, .again, bench)
                await bench.expect(.notFound) {
                    _ = try await bench.queue.replay(
                        RunReplay(run: bench.ids.next(), mode: .again, newRun: bench.ids.next(), version: nil))
                }
                try await bench.expectHonestCounters()
            },
        ]
    }

    static var resolving: [ConformanceCase] {
        [
            ConformanceCase("a human confirms a parked output") { bench in
                let (_, output) = try await bench.leasedOutput(.atMostOnce)
                _ = try await bench.finish(output, .park(.unknownEffect), .unknown, failure: Bench.timeout)
                let resolved = try await bench.queue.resolve(
                    EffectResolution(effect: output.effect.id, choice: .confirm))
                #expect(resolved.state == .confirmed)
                #expect(resolved.output == Array("null".utf8))
                #expect(try await bench.effect(output.effect.id).effect == resolved)
                #expect(try await bench.delivery(output.effect.id).state == .succeeded)
                await bench.expect(.conflict) {
                    _ = try await bench.queue.resolve(EffectResolution(effect: output.effect.id, choice: .resend))
                }
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a human's word is good for one more sending") { bench in
                let (_, output) = try await bench.leasedOutput(.atMostOnce)
                _ = try await bench.finish(output, .park(.unknownEffect), .unknown, failure: Bench.timeout)
                let resolved = try await bench.queue.resolve(
                    EffectResolution(effect: output.effect.id, choice: .resend))
                #expect(resolved.humanSaidResend)
                let again = try #require(try await bench.claimOutputs().first)
                #expect(again.effect.maybeDuplicate)
                #expect(again.effect.sends == 2)
                _ = try await bench.finish(again, .retry(at: bench.clock.now()), .unknown, failure: Bench.timeout)
                #expect(try await bench.claimOutputs().isEmpty)
                #expect(try await bench.delivery(output.effect.id).parkReason == .unknownEffect)
            },
            ConformanceCase("a human drops a parked output, and takes a dead one up again") { bench in
                let (_, output) = try await bench.leasedOutput(.atMostOnce)
                _ = try await bench.finish(
                    output, .park(.unknownEffect), .unknown, failure: Bench.timeout, attemptFailure: .callUnknown)
                _ = try await bench.queue.resolve(EffectResolution(effect: output.effect.id, choice: .drop))
                let dropped = try await bench.delivery(output.effect.id)
                #expect(dropped.state == .dead)
                #expect(dropped.deadReason == .dropped)
                #expect(dropped.counters.attempts == 1)
                _ = try await bench.queue.resolve(EffectResolution(effect: output.effect.id, choice: .resend))
                let again = try #require(try await bench.claimOutputs().first)
                #expect(again.counters == WorkCounters())
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a human's decision about a call wakes or ends its run") { bench in
                for choice in EffectResolution.Choice.allCases {
                    let run = try await bench.leasedRun()
                    let call = bench.call(run, effectClass: .atMostOnce)
                    _ = try await bench.begin(call, run)
                    try await bench.settle(call, .unknown)
                    _ = try await bench.finish(run, .park(.unknownEffect), failure: AttemptFailure(.callUnknown, "?"))
                    let resolved = try await bench.queue.resolve(
                        EffectResolution(effect: call.id, choice: choice, output: Array("7".utf8)))
                    let after = try await bench.run(run.run.id)
                    switch choice {
                    case .confirm:
                        #expect(resolved.state == .confirmed)
                        #expect(resolved.output == Array("7".utf8))
                        #expect(after.state == .ready)
                    case .resend:
                        #expect(resolved.state == .unknown)
                        #expect(resolved.humanSaidResend)
                        #expect(after.state == .ready)
                        let claimed = try #require(try await bench.claimRuns().first { $0.run.id == run.run.id })
                        var again = call
                        again.sends = 2
                        again.maybeDuplicate = true
                        again.humanSaidResend = true
                        #expect(try await bench.begin(again, claimed, seen: .unknown) == .begun)
                        #expect(try await bench.effect(call.id).effect.humanSaidResend == false)
                    case .drop:
                        #expect(after.state == .dead)
                        #expect(after.deadReason == .dropped)
                    }
                }
                try await bench.expectHonestCounters()
            },
            ConformanceCase("what is being sent, or was never sent, is not for a human to decide") { bench in
                let (_, output) = try await bench.leasedOutput()
                for choice in EffectResolution.Choice.allCases {
                    await bench.expect(.conflict) {
                        _ = try await bench.queue.resolve(EffectResolution(effect: output.effect.id, choice: choice))
                    }
                }
                await bench.expect(.notFound) {
                    _ = try await bench.queue.resolve(EffectResolution(effect: bench.ids.next(), choice: .drop))
                }
                #expect(try await bench.finish(output, .succeed, .confirmed))
            },
        ]
    }
}
