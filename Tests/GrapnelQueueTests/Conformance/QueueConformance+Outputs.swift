import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    static var outputs: [ConformanceCase] {
        [
            ConformanceCase("an output that starts now is in flight and leased by the commit of its run") { bench in
                let (run, output) = try await bench.leasedOutput()
                #expect(output.fence == 1)
                #expect(output.event == run.event.id)
                #expect(output.effect.state == .inFlight)
                #expect(output.effect.sends == 1)
                #expect(output.effect.sentAt == bench.clock.now())
                #expect(output.effect.origin == run.run.id)
                let stored = try await bench.effect(output.effect.id)
                #expect(stored.effect == output.effect)
                #expect(stored.delivery?.state == .leased)
                #expect(try await bench.claimOutputs().isEmpty)
                #expect(try await bench.finish(output, .succeed, .confirmed))
                let done = try await bench.effect(output.effect.id)
                #expect(done.effect.state == .confirmed)
                #expect(done.effect.output == Array("{\"ok\":true}".utf8))
                #expect(done.effect.status == 200)
                #expect(done.effect.settledAt == bench.clock.now())
                #expect(done.delivery?.state == .succeeded)
                #expect(done.delivery?.attempts.count == 1)
                #expect(try await bench.finish(output, .succeed, .confirmed) == false)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("an output that waits is claimed when it is due") { bench in
                let run = try await bench.leasedRun()
                let result = try await bench.finish(
                    run,
                    outputs: [
                        bench.intent("now#1"), bench.intent("later#1", connection: "crm", delay: .seconds(60)),
                        bench.intent("later#2", delay: .seconds(90), startNow: true),
                    ])
                #expect(result == .finished(leased: []))
                #expect(try await bench.effect(try await id("now#1", run, bench)).effect.state == .intended)
                let first = try await bench.claimOutputs()
                #expect(first.map(\.effect.step) == ["now#1"])
                #expect(first[0].effect.state == .inFlight)
                #expect(first[0].effect.sends == 1)
                #expect(first[0].fence == 1)
                #expect(first[0].event == run.event.id)
                #expect(try await bench.queue.oldestDue() == bench.clock.now() + .seconds(60))
                bench.clock.advance(by: .seconds(90))
                #expect(try await bench.claimOutputs(excluding: ["crm"]).map(\.effect.step) == ["later#2"])
                #expect(try await bench.claimOutputs(1).map(\.effect.step) == ["later#1"])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a definite failure is sent again under the same key, and counted") { bench in
                let (_, output) = try await bench.leasedOutput(.atMostOnce)
                let failure = CallFailure(
                    code: "http_503", message: "busy", status: 503, isRetryable: true, outcome: .definite,
                    retryAfter: .seconds(5))
                let at = bench.clock.now() + .seconds(5)
                #expect(
                    try await bench.finish(
                        output, .retry(at: at), .failed, failure: failure, attemptFailure: .callFailed))
                let waiting = try await bench.effect(output.effect.id)
                #expect(waiting.effect.failure == failure)
                #expect(waiting.delivery?.state == .scheduled)
                #expect(waiting.delivery?.counters == WorkCounters(attempts: 1))
                bench.clock.advance(by: .seconds(5))
                let again = try #require(try await bench.claimOutputs().first)
                #expect(again.effect.id == output.effect.id)
                #expect(again.effect.idempotencyKey == output.effect.idempotencyKey)
                #expect(again.effect.sends == 2)
                #expect(again.effect.maybeDuplicate == false)
                #expect(again.fence == 2)
                #expect(again.counters == WorkCounters(attempts: 1))
            },
            ConformanceCase("an unknown outcome is sent again or parked by its class") { bench in
                for effectClass in EffectClass.allCases where effectClass != .vendorKey {
                    let (_, output) = try await bench.leasedOutput(effectClass)
                    _ = try await bench.finish(
                        output, .retry(at: bench.clock.now()), .unknown, failure: Bench.timeout,
                        attemptFailure: .callUnknown)
                    let claimed = try await bench.claimOutputs()
                    switch effectClass {
                    case .safe:
                        #expect(claimed.map(\.effect.maybeDuplicate) == [false], "\(effectClass)")
                    case .idempotent, .atLeastOnce:
                        #expect(claimed.map(\.effect.maybeDuplicate) == [true], "\(effectClass)")
                    case .reconcile, .atMostOnce, .vendorKey:
                        #expect(claimed.isEmpty, "\(effectClass)")
                        let delivery = try await bench.delivery(output.effect.id)
                        #expect(delivery.state == .parked, "\(effectClass)")
                        #expect(delivery.parkReason == .unknownEffect, "\(effectClass)")
                    }
                }
                #expect(try await bench.queue.counts().maybeDuplicates == 2)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a vendor's key allows another sending only within its window") { bench in
                let run = try await bench.leasedRun()
                let intent = bench.intent(effectClass: .vendorKey, window: .seconds(3600), startNow: true)
                guard case .finished(let leased) = try await bench.finish(run, outputs: [intent]) else {
                    throw BenchFailure("not finished")
                }
                #expect(leased[0].effect.keyValidUntil == bench.clock.now() + .seconds(3600))
                _ = try await bench.finish(leased[0], .retry(at: bench.clock.now()), .unknown, failure: Bench.timeout)
                bench.clock.advance(by: .seconds(1800))
                let again = try #require(try await bench.claimOutputs().first)
                #expect(again.effect.maybeDuplicate)
                #expect(again.effect.keyValidUntil == leased[0].effect.keyValidUntil)
                _ = try await bench.finish(again, .retry(at: bench.clock.now()), .unknown, failure: Bench.timeout)
                bench.clock.advance(by: .seconds(1800))
                #expect(try await bench.claimOutputs().isEmpty)
                #expect(try await bench.delivery(again.effect.id).parkReason == .unknownEffect)
            },
            ConformanceCase("parking makes room for outputs that may be sent") { bench in
                for _ in 0..<3 {
                    let (_, output) = try await bench.leasedOutput(.atMostOnce)
                    _ = try await bench.finish(output, .retry(at: bench.clock.now()), .unknown, failure: Bench.timeout)
                }
                let run = try await bench.leasedRun()
                _ = try await bench.finish(run, outputs: [bench.intent("last#1")])
                #expect(try await bench.claimOutputs(1).map(\.effect.step) == ["last#1"])
            },
            ConformanceCase("an output handed back unsent is intended again") { bench in
                let (_, output) = try await bench.leasedOutput()
                let finish = OutputFinish(
                    effect: output.effect.id, fence: output.fence, decision: .retry(at: bench.clock.now()),
                    counters: output.counters, attempt: nil, state: .intended)
                #expect(try await bench.queue.finishOutput(finish))
                let stored = try await bench.effect(output.effect.id)
                #expect(stored.effect.state == .intended)
                #expect(stored.effect.sends == 0)
                #expect(stored.delivery?.counters == WorkCounters())
                #expect(try await bench.claimOutputs().first?.effect.sends == 1)
            },
            ConformanceCase("handing back does not make a doubtful sending certain") { bench in
                let (_, output) = try await bench.leasedOutput(.atMostOnce)
                _ = try await bench.finish(output, .park(.unknownEffect), .unknown, failure: Bench.timeout)
                _ = try await bench.queue.resolve(EffectResolution(effect: output.effect.id, choice: .resend))
                let claimed = try #require(try await bench.claimOutputs().first)
                let finish = OutputFinish(
                    effect: claimed.effect.id, fence: claimed.fence, decision: .retry(at: bench.clock.now()),
                    counters: claimed.counters, attempt: nil, state: .intended)
                #expect(try await bench.queue.finishOutput(finish))
                let stored = try await bench.effect(output.effect.id).effect
                #expect(stored.state == .unknown)
                #expect(stored.humanSaidResend)
                #expect(try await bench.claimOutputs().first?.effect.maybeDuplicate == true)
            },
            ConformanceCase("the same step twice in one run is one output") { bench in
                let run = try await bench.leasedRun()
                let result = try await bench.finish(
                    run, outputs: [bench.intent("s", startNow: true), bench.intent("s", startNow: true)])
                guard case .finished(let leased) = result else { throw BenchFailure("\(result)") }
                #expect(leased.count == 1)
                let other = try await bench.leasedRun()
                let mixed = try await bench.finish(
                    other, outputs: [bench.intent("s", input: "1"), bench.intent("s", input: "2")])
                guard case .nondeterministic(let step, _) = mixed else { throw BenchFailure("\(mixed)") }
                #expect(step == "s")
                #expect(try await bench.run(other.run.id).state == .leased)
                #expect(try await bench.queue.run(other.run.id)?.effects.isEmpty == true)
            },
            ConformanceCase("a stale fence of an output changes nothing") { bench in
                let (_, output) = try await bench.leasedOutput()
                bench.clock.advance(by: .seconds(60))
                #expect(try await bench.queue.rescue(LeaseRescue()).outputs == 1)
                #expect(try await bench.finish(output, .succeed, .confirmed) == false)
                let claimed = try #require(try await bench.claimOutputs().first)
                #expect(claimed.fence == 2)
                #expect(try await bench.finish(output, .succeed, .confirmed) == false)
                #expect(try await bench.effect(output.effect.id).effect.state == .inFlight)
                let lost = try await bench.queue.extendLeases(
                    LeaseExtension(runs: [:], outputs: [output.effect.id: output.fence], lease: .seconds(60)))
                #expect(lost.outputs == [output.effect.id])
                #expect(try await bench.finish(claimed, .succeed, .confirmed))
            },
        ]
    }

    private static func id(_ step: String, _ run: LeasedRun, _ bench: Bench) async throws -> Identifier<Effect> {
        try #require(try await bench.queue.effect(origin: run.run.origin, step: step)).id
    }
}
