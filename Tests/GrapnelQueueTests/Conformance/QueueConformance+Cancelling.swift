import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    static var cancelling: [ConformanceCase] {
        [
            ConformanceCase("what waits or is parked is cancelled at once, and what is over stays as it is") { bench in
                let waiting = try await accepted(bench)
                let later = try await bench.leasedRun("later")
                _ = try await bench.finish(
                    later, .retry(at: bench.clock.now() + .seconds(60)), failure: AttemptFailure(.threw, "no"))
                let parked = try await bench.leasedRun("parked")
                _ = try await bench.finish(parked, .park(.unknownEffect), failure: AttemptFailure(.callUnknown, "?"))
                let dead = try await bench.leasedRun("dead")
                _ = try await bench.finish(dead, .die(.rejected), failure: AttemptFailure(.discarded, "no"))
                let all = [waiting, later.run.id, parked.run.id, dead.run.id, bench.ids.next()]
                let report = try await bench.queue.cancel(Cancellation(runs: all))
                #expect(report == CancellationReport(runs: [waiting, later.run.id, parked.run.id]))
                for id in report.runs {
                    let run = try await bench.run(id)
                    #expect(run.state == .cancelled)
                    #expect(run.parkReason == nil)
                    #expect(run.dueAt == nil)
                    #expect(run.finishedAt == bench.clock.now())
                }
                #expect(try await bench.run(dead.run.id).state == .dead)
                bench.clock.advance(by: .seconds(3600))
                #expect(try await bench.claimRuns().isEmpty)
                #expect(try await bench.queue.cancel(Cancellation(runs: all)).isEmpty)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a run that is leased learns of its cancellation by its heartbeat, and ends cancelled") {
                bench in
                let run = try await bench.leasedRun()
                let other = try await bench.leasedRun("other")
                let report = try await bench.queue.cancel(Cancellation(runs: [run.run.id]))
                #expect(report == CancellationReport(endingRuns: [run.run.id]))
                #expect(try await bench.run(run.run.id).state == .leased)
                let leases = [run.run.id: run.fence, other.run.id: other.fence]
                let lost = try await bench.queue.extendLeases(
                    LeaseExtension(runs: leases, outputs: [:], lease: .seconds(30)))
                #expect(lost == LostLeases(cancelledRuns: [run.run.id]))
                // Its node stopped it and hands it back.
                _ = try await bench.finish(run, .retry(at: bench.clock.now()))
                #expect(try await bench.run(run.run.id).state == .cancelled)
                let later = try await bench.queue.extendLeases(
                    LeaseExtension(runs: [other.run.id: other.fence], outputs: [:], lease: .seconds(30)))
                #expect(later == LostLeases())
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a cancelled run that ends well leaves nothing behind but its reply") { bench in
                let run = try await bench.leasedRun()
                _ = try await bench.queue.cancel(Cancellation(runs: [run.run.id]))
                let result = try await bench.finish(
                    run, outputs: [bench.intent(startNow: true)],
                    keyValues: [KeyValueWrite(key: "k", value: [49])], reply: HTTPReply(status: 200))
                #expect(result == .finished(leased: []))
                let detail = try #require(try await bench.queue.run(run.run.id))
                #expect(detail.run.state == .cancelled)
                #expect(detail.attempts.count == 1)
                #expect(detail.effects.isEmpty)
                #expect(try await bench.queue.keyValue(tenant: .default, recipe: "lead", key: "k") == nil)
                #expect(try await bench.queue.reply(to: run.event.id)?.status == 200)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a cancelled run whose node dies is not run again") { bench in
                let run = try await bench.leasedRun()
                _ = try await bench.queue.cancel(Cancellation(runs: [run.run.id]))
                let restarted = try await bench.restarted()
                _ = try await restarted.queue.rescue(LeaseRescue())
                #expect(try await restarted.run(run.run.id).state == .cancelled)
                #expect(try await restarted.claimRuns().isEmpty)
                try await restarted.expectHonestCounters()
                await restarted.store.close(restarted.queue)
            },
            ConformanceCase("the outputs that a run left are cancelled with it, but not what was sent") { bench in
                let run = try await bench.leasedRun()
                let intents = [
                    bench.intent("sent", startNow: true), bench.intent("waits"),
                    bench.intent("later", delay: .seconds(60)), bench.intent("on its way", startNow: true),
                ]
                guard case .finished(let leased) = try await bench.finish(run, outputs: intents) else {
                    throw BenchFailure("not finished")
                }
                _ = try await bench.finish(leased[0], .succeed, .confirmed)
                let report = try await bench.queue.cancel(Cancellation(runs: [run.run.id]))
                #expect(report.runs.isEmpty)
                #expect(report.outputs.count == 2)
                #expect(report.endingOutputs == [leased[1].effect.id])
                #expect(try await bench.run(run.run.id).state == .succeeded)
                // What came of the last sending is true, but there is no other.
                _ = try await bench.finish(
                    leased[1], .retry(at: bench.clock.now()), .failed, failure: Bench.timeout,
                    attemptFailure: .callFailed)
                let states = try await bench.queue.run(run.run.id)?.effects.map { $0.delivery?.state }
                #expect(states == [.succeeded, .cancelled, .cancelled, .cancelled])
                bench.clock.advance(by: .seconds(3600))
                #expect(try await bench.claimOutputs().isEmpty)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a delivery that was cancelled while it was sent and arrived has arrived") { bench in
                let (_, output) = try await bench.leasedOutput()
                let report = try await bench.queue.cancel(Cancellation(outputs: [output.effect.id]))
                #expect(report == CancellationReport(endingOutputs: [output.effect.id]))
                _ = try await bench.finish(output, .succeed, .confirmed)
                #expect(try await bench.delivery(output.effect.id).state == .succeeded)
                #expect(try await bench.queue.cancel(Cancellation(outputs: [output.effect.id])).isEmpty)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a cancelled output is sent when a person says so, with the same key") { bench in
                let run = try await bench.leasedRun()
                _ = try await bench.finish(run, outputs: [bench.intent("waits")])
                let effect = try #require(try await bench.queue.run(run.run.id)?.effects.first?.effect)
                let report = try await bench.queue.cancel(Cancellation(outputs: [effect.id]))
                #expect(report == CancellationReport(outputs: [effect.id]))
                _ = try await bench.queue.resolve(EffectResolution(effect: effect.id, choice: .resend))
                let again = try #require(try await bench.claimOutputs().first)
                #expect(again.effect.id == effect.id)
                #expect(again.effect.idempotencyKey == effect.idempotencyKey)
                #expect(try await bench.queue.runs(of: run.event.id).count == 1)
            },
        ]
    }

    /// A run that nobody has leased.
    static func accepted(_ bench: Bench, _ recipe: String = "waiting") async throws -> Identifier<Run> {
        let request = bench.accepted(recipes: [recipe])
        _ = try await bench.queue.accept(request)
        return try #require(request.events.first?.runs.first?.id)
    }
}
