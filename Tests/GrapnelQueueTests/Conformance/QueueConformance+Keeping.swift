import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    private static func deliveries(_ bench: Bench) async throws -> [String] {
        try await bench.queue.events(EventQuery(limit: 1000)).compactMap(\.event.deliveryID).reversed()
    }

    /// Prunes until nothing is left to prune.
    private static func prune(_ pruning: Pruning, _ bench: Bench) async throws {
        for _ in 0..<1000 where try await !bench.queue.prune(pruning).hasMore { return }
        throw BenchFailure("pruning does not come to an end")
    }

    static var retention: [ConformanceCase] {
        [
            ConformanceCase("a source keeps its events for as long as it says, the others as long as all do") { bench in
                for day in 0..<10 {
                    for source in ["crm", "mail", "shop"] {
                        _ = try await bench.queue.accept(bench.accepted(delivery: "\(source)-\(day)", source: source))
                    }
                    bench.clock.advance(by: .seconds(86_400))
                }
                let now = bench.clock.now()
                let sources: [String: Pruning.Source] = [
                    "crm": Pruning.Source(before: now - .seconds(2 * 86_400 + 1)),
                    "mail": Pruning.Source(before: now - .seconds(90 * 86_400)),
                ]
                try await prune(Pruning(before: now - .seconds(5 * 86_400 + 1), sources: sources, limit: 3), bench)
                let left = try await deliveries(bench)
                #expect(left.filter { $0.hasPrefix("crm") } == ["crm-8", "crm-9"])
                #expect(left.filter { $0.hasPrefix("mail") }.count == 10)
                #expect(left.filter { $0.hasPrefix("shop") } == (5..<10).map { "shop-\($0)" })
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a source that keeps too many bytes loses its own oldest, and nobody else's") { bench in
                let body = String(repeating: "x", count: 1000)
                for index in 0..<10 {
                    for source in ["crm", "shop"] {
                        _ = try await bench.queue.accept(
                            bench.accepted(body, delivery: "\(source)-\(index)", source: source))
                    }
                }
                let sources = ["crm": Pruning.Source(keep: .bytes(4100))]
                let longAgo = bench.clock.now() - .seconds(3600)
                try await prune(Pruning(before: longAgo, sources: sources), bench)
                var left = try await deliveries(bench)
                #expect(left.filter { $0.hasPrefix("crm") } == (6..<10).map { "crm-\($0)" })
                #expect(left.filter { $0.hasPrefix("shop") }.count == 10)
                // What was deleted is counted, also after a restart.
                let next = try await bench.restarted()
                _ = try await next.queue.accept(next.accepted(body, delivery: "crm-10", source: "crm"))
                try await prune(Pruning(before: longAgo, sources: sources), next)
                left = try await deliveries(next)
                #expect(left.filter { $0.hasPrefix("crm") } == (7..<11).map { "crm-\($0)" })
                await next.store.close(next.queue)
            },
            ConformanceCase("a dead letter stays until it has been dead for long enough") { bench in
                let run = try await bench.leasedRun()
                bench.clock.advance(by: .seconds(10 * 86_400))
                _ = try await bench.finish(run, .die(.exhausted), failure: AttemptFailure(.threw, "no"))
                bench.clock.advance(by: .seconds(86_400))
                let now = bench.clock.now()
                try await prune(Pruning(before: now, deadBefore: now - .seconds(2 * 86_400)), bench)
                #expect(try await bench.queue.run(run.run.id) != nil)
                try await prune(Pruning(before: now, deadBefore: now), bench)
                #expect(try await bench.queue.run(run.run.id) == nil)
            },
            ConformanceCase("a pass goes on behind what could not be deleted, or looks at it again") { bench in
                let waiting = try await bench.leasedRun()
                _ = try await bench.finish(waiting, .park(.unknownEffect))
                bench.clock.advance(by: .seconds(60))
                try await prune(Pruning(before: bench.clock.now()), bench)
                _ = try await bench.queue.cancel(Cancellation(runs: [waiting.run.id]))
                let later = try await bench.leasedRun()
                _ = try await bench.finish(later)
                bench.clock.advance(by: .seconds(60))
                for keep in [nil, ByteCount.bytes(1)] {
                    try await prune(Pruning(before: bench.clock.now(), keep: keep, revisits: false), bench)
                    #expect(try await bench.queue.run(later.run.id) == nil)
                    // By size it had not been looked at before.
                    #expect(try await bench.queue.run(waiting.run.id) != nil || keep != nil)
                }
                try await prune(Pruning(before: bench.clock.now()), bench)
                #expect(try await bench.queue.run(waiting.run.id) == nil)
            },
            ConformanceCase("a ledger row stays for as long as the vendor recognises its key") { bench in
                let run = try await bench.leasedRun()
                let intent = bench.intent(effectClass: .vendorKey, window: .seconds(86_400), startNow: true)
                guard case .finished(let leased) = try await bench.finish(run, outputs: [intent]),
                    let output = leased.first
                else { throw BenchFailure("not finished") }
                _ = try await bench.finish(output, .succeed, .confirmed)
                bench.clock.advance(by: .seconds(3600))
                try await prune(Pruning(before: bench.clock.now()), bench)
                #expect(try await bench.queue.effect(output.effect.id) != nil)
                bench.clock.advance(by: .seconds(86_400))
                try await prune(Pruning(before: bench.clock.now()), bench)
                #expect(try await bench.queue.effect(output.effect.id) == nil)
            },
        ]
    }

    static var restoring: [ConformanceCase] {
        [
            ConformanceCase("after a restore, outputs that may have been sent are unknown, and their class decides") {
                bench in
                let run = try await bench.leasedRun()
                let intents = [
                    bench.intent("money#1", connection: "money", effectClass: .atMostOnce),
                    bench.intent("slack#1", effectClass: .atLeastOnce),
                    bench.intent("later#1", effectClass: .atMostOnce, delay: .seconds(9 * 86_400)),
                ]
                _ = try await bench.finish(run, outputs: intents)
                let backupAt = bench.clock.now()
                bench.clock.advance(by: .seconds(3600))
                let report = try await bench.queue.restored(RestoreMark(backupAt: backupAt))
                #expect(report == RestoreReport(epoch: 1, unknownEffects: 2, uncertainOrigins: 0))
                let claimed = try await bench.claimOutputs()
                #expect(claimed.map(\.effect.step) == ["slack#1"])
                #expect(claimed.first?.effect.maybeDuplicate == true)
                let effects = try await bench.queue.effects(EffectQuery())
                let parked = try #require(effects.first { $0.effect.step == "money#1" })
                #expect(parked.delivery?.parkReason == .unknownEffect)
                #expect(parked.effect.failure?.code == "restored")
                let later = try #require(effects.first { $0.effect.step == "later#1" })
                #expect(later.effect.state == .intended)
                #expect(try await bench.queue.restored(RestoreMark(backupAt: backupAt)).epoch == 2)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("after a restore, a run that was under way cannot send as if for the first time") { bench in
                let accepted = bench.accepted(recipes: ["lead"])
                _ = try await bench.queue.accept(accepted)
                let backupAt = bench.clock.now()
                bench.clock.advance(by: .seconds(3600))
                let report = try await bench.queue.restored(RestoreMark(backupAt: backupAt))
                #expect(report == RestoreReport(epoch: 1, unknownEffects: 0, uncertainOrigins: 1))
                let next = try await bench.restarted()
                let run = try #require(try await next.claimRuns().first)
                var keyed = next.call(run, step: "pay#1", effectClass: .vendorKey)
                keyed.keyValidUntil = next.clock.now() + .seconds(86_400)
                guard case .exists(let found) = try await next.begin(keyed, run) else {
                    throw BenchFailure("a call began that may have been sent before")
                }
                #expect(found.state == .unknown)
                #expect(found.sends == 1)
                // The vendor's window began with the backup, not now.
                #expect(found.keyValidUntil == backupAt + .seconds(86_400))
                var again = found
                again.sends = 2
                #expect(try await next.begin(again, run, seen: .unknown) == .begun)
                let intents = [
                    next.intent("sms#1", effectClass: .atMostOnce, startNow: true),
                    next.intent("slack#1", effectClass: .atLeastOnce, startNow: true),
                ]
                guard case .finished(let leased) = try await next.finish(run, outputs: intents) else {
                    throw BenchFailure("not finished")
                }
                #expect(leased.map(\.effect.step) == ["slack#1"])
                #expect(leased.first?.effect.maybeDuplicate == true)
                // What came after the restore is as certain as ever.
                let fresh = try await next.leasedRun()
                #expect(try await next.begin(next.call(fresh, effectClass: .atMostOnce), fresh) == .begun)
                try await next.expectHonestCounters()
                await next.store.close(next.queue)
            },
            ConformanceCase("after a restore, a person's word for an output is asked for again") { bench in
                func allowed() async throws -> LeasedOutput {
                    let (_, output) = try await bench.leasedOutput(.atMostOnce)
                    _ = try await bench.finish(output, .park(.unknownEffect), .unknown, failure: Bench.timeout)
                    _ = try await bench.queue.resolve(EffectResolution(effect: output.effect.id, choice: .resend))
                    return output
                }
                // One fails for the moment and keeps the word; it is due only after the restore.
                let later = try await allowed()
                let again = try #require(try await bench.claimOutputs().first)
                let refused = CallFailure(code: "dns", message: "no name", isRetryable: true, outcome: .definite)
                let due = bench.clock.now() + .seconds(86_400)
                _ = try await bench.finish(again, .retry(at: due), .failed, failure: refused)
                #expect(try await bench.effect(later.effect.id).effect.humanSaidResend)
                let waiting = try await allowed()
                let backupAt = bench.clock.now()
                bench.clock.advance(by: .seconds(3600))
                let report = try await bench.queue.restored(RestoreMark(backupAt: backupAt))
                #expect(report.unknownEffects == 2)
                bench.clock.advance(by: .seconds(86_400))
                #expect(try await bench.claimOutputs().isEmpty)
                for output in [later, waiting] {
                    let found = try await bench.effect(output.effect.id)
                    #expect(found.delivery?.parkReason == .unknownEffect)
                    #expect(found.effect.failure?.code == "restored")
                    #expect(found.effect.humanSaidResend == false)
                }
                // The word is as good as before once it is given again.
                _ = try await bench.queue.resolve(EffectResolution(effect: later.effect.id, choice: .resend))
                #expect(try await bench.claimOutputs().map(\.effect.id) == [later.effect.id])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("after a restore, a person's word for a call is asked for again") { bench in
                let run = try await bench.leasedRun()
                let call = bench.call(run, effectClass: .atMostOnce)
                _ = try await bench.begin(call, run)
                try await bench.settle(call, .unknown)
                _ = try await bench.finish(run, .park(.unknownEffect))
                let allowed = try await bench.queue.resolve(EffectResolution(effect: call.id, choice: .resend))
                #expect(allowed.humanSaidResend)
                let backupAt = bench.clock.now()
                bench.clock.advance(by: .seconds(3600))
                let report = try await bench.queue.restored(RestoreMark(backupAt: backupAt))
                #expect(report == RestoreReport(epoch: 1, unknownEffects: 1, uncertainOrigins: 1))
                let effect = try await bench.effect(call.id).effect
                #expect(effect.state == .unknown)
                #expect(effect.humanSaidResend == false)
                #expect(effect.failure?.code == "restored")
                #expect(try await bench.queue.restored(RestoreMark(backupAt: backupAt)).unknownEffects == 0)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("after a restore, a refused call that would be sent again is unknown, any other refused") {
                bench in
                let run = try await bench.leasedRun()
                let refusals = [
                    ("locked", CallFailure.unauthorizedCode), ("keyless", CallFailure.missingCredentialCode),
                    ("wrong", "http_404"),
                ]
                for (step, code) in refusals {
                    let call = bench.call(run, step: step, effectClass: .atMostOnce)
                    _ = try await bench.begin(call, run)
                    try await bench.queue.settleCall(
                        CallSettlement(
                            effect: call.id, sends: 1, state: .failed,
                            failure: CallFailure(code: code, message: "no", isRetryable: false, outcome: .definite)))
                }
                _ = try await bench.finish(run, .park(.connectionUnauthorized))
                func states() async throws -> [EffectState] {
                    try #require(try await bench.queue.run(run.run.id)).effects.map(\.effect.state)
                }
                let backupAt = bench.clock.now()
                bench.clock.advance(by: .seconds(3600))
                #expect(try await bench.queue.restored(RestoreMark(backupAt: backupAt)).unknownEffects == 2)
                #expect(try await states() == [.unknown, .unknown, .failed])
                // Who finishes what is missing wants the last one to be tried once more; that may have happened too.
                try await bench.queue.retry(run.run.id)
                let again = try #require(try await bench.claimRuns().first)
                _ = try await bench.finish(again, .die(.rejected), failure: AttemptFailure(.callFailed, "404"))
                _ = try await bench.queue.replay(
                    RunReplay(run: run.run.id, mode: .missing, newRun: bench.ids.next(), version: nil))
                #expect(try await bench.queue.restored(RestoreMark(backupAt: backupAt)).unknownEffects == 1)
                #expect(try await states() == [.unknown, .unknown, .unknown])
                try await bench.expectHonestCounters()
            },
        ]
    }
}
