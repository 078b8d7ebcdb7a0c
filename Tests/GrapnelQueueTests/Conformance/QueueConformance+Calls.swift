import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    static var calls: [ConformanceCase] {
        [
            ConformanceCase("a call is in flight before it is sent, and its answer is recorded") { bench in
                let run = try await bench.leasedRun()
                let call = bench.call(run)
                #expect(try await bench.begin(call, run) == .begun)
                #expect(try await bench.queue.effect(origin: run.run.origin, step: call.step) == call)
                try await bench.settle(call, .confirmed)
                let settled = try await bench.effect(call.id)
                #expect(settled.effect.state == .confirmed)
                #expect(settled.effect.output == Array("{\"email\":\"a@b.example\"}".utf8))
                #expect(settled.delivery == nil)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a call with a recorded answer is never begun again") { bench in
                let run = try await bench.leasedRun()
                let call = bench.call(run)
                _ = try await bench.begin(call, run)
                try await bench.settle(call, .confirmed)
                var again = call
                again.sends = 2
                for seen in [nil, EffectState.failed, .confirmed] {
                    guard case .exists(let recorded) = try await bench.begin(again, run, seen: seen) else {
                        throw BenchFailure("begun after \(String(describing: seen))")
                    }
                    #expect(recorded.state == .confirmed)
                    #expect(recorded.sends == 1)
                }
            },
            ConformanceCase("a failed call is begun again by a caller that saw it fail") { bench in
                let run = try await bench.leasedRun()
                let call = bench.call(run)
                _ = try await bench.begin(call, run)
                try await bench.settle(call, .failed)
                var again = call
                again.sends = 2
                again.maybeDuplicate = true
                guard case .exists = try await bench.begin(again, run, seen: .unknown) else {
                    throw BenchFailure("begun by a caller that saw another state")
                }
                #expect(try await bench.begin(again, run, seen: .failed) == .begun)
                let stored = try await bench.effect(call.id).effect
                #expect(stored.state == .inFlight)
                #expect(stored.sends == 2)
                #expect(stored.failure == nil)
                #expect(stored.maybeDuplicate)
                #expect(try await bench.queue.counts().maybeDuplicates == 1)
            },
            ConformanceCase("two beginnings of one step: one wins") { bench in
                let run = try await bench.leasedRun()
                let results = try await withThrowingTaskGroup(of: CallBeginningResult.self) { group in
                    for _ in 0..<10 { group.addTask { try await bench.begin(bench.call(run), run) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(results.filter { $0 == .begun }.count == 1)
            },
            ConformanceCase("an outcome of an earlier sending than the last changes nothing") { bench in
                let run = try await bench.leasedRun()
                let call = bench.call(run)
                _ = try await bench.begin(call, run)
                try await bench.settle(call, .unknown)
                var again = call
                again.sends = 2
                _ = try await bench.begin(again, run, seen: .unknown)
                try await bench.settle(call, .failed, sends: 1)
                #expect(try await bench.effect(call.id).effect.state == .inFlight)
                try await bench.settle(call, .confirmed, sends: 2)
                try await bench.settle(call, .failed, sends: 2)
                #expect(try await bench.effect(call.id).effect.state == .confirmed)
                await bench.expect(.notFound) { try await bench.settle(bench.call(run), .confirmed) }
            },
            ConformanceCase("an outcome is recorded also after the run lost its lease") { bench in
                let run = try await bench.leasedRun()
                let call = bench.call(run, effectClass: .atMostOnce)
                _ = try await bench.begin(call, run)
                bench.clock.advance(by: .seconds(30))
                let report = try await bench.queue.rescue(LeaseRescue())
                #expect(report.unknownEffects == 1)
                #expect(try await bench.effect(call.id).effect.state == .unknown)
                let again = try #require(try await bench.claimRuns().first)
                #expect(again.hasEffects)
                _ = try await bench.finish(again, .park(.unknownEffect), failure: AttemptFailure(.callUnknown, "?"))
                try await bench.settle(call, .confirmed)
                #expect(try await bench.effect(call.id).effect.state == .confirmed)
                #expect(try await bench.run(run.run.id).state == .ready)
            },
            ConformanceCase("a call pins the version of its run") { bench in
                let run = try await bench.leasedRun()
                let beginning = CallBeginning(
                    effect: bench.call(run), fence: run.fence, version: RecipeVersion("newer"), seen: nil)
                _ = try await bench.queue.beginCall(beginning)
                #expect(try await bench.run(run.run.id).version == RecipeVersion("newer"))
            },
        ]
    }

    static var rescuing: [ConformanceCase] {
        [
            ConformanceCase("a lease that ran out returns its run, as a loss and not as an attempt") { bench in
                let run = try await bench.leasedRun()
                bench.clock.advance(by: .seconds(29))
                #expect(try await bench.queue.rescue(LeaseRescue()) == LeaseRescueReport())
                bench.clock.advance(by: .seconds(1))
                #expect(try await bench.queue.rescue(LeaseRescue()) == LeaseRescueReport(runs: 1))
                let detail = try #require(try await bench.queue.run(run.run.id))
                #expect(detail.run.state == .ready)
                #expect(detail.run.counters == WorkCounters(attempts: 0, losses: 1))
                #expect(detail.attempts.map(\.failure?.kind) == [.leaseLost])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a run that loses its lease too often dies") { bench in
                let run = try await bench.leasedRun()
                let policy = RetryPolicy(maxLosses: 2)
                for _ in 0..<2 {
                    bench.clock.advance(by: .seconds(30))
                    let report = try await bench.queue.rescue(LeaseRescue(policy: policy))
                    let isLast = try await bench.claimRuns().isEmpty
                    #expect(report.notices.map(\.kind) == (isLast ? [.deadLetter] : []))
                }
                let dead = try await bench.run(run.run.id)
                #expect(dead.state == .dead)
                #expect(dead.deadReason == .exhausted)
                #expect(dead.counters.losses == 2)
            },
            ConformanceCase("a restart returns what the earlier boot held, at once") { bench in
                let (_, output) = try await bench.leasedOutput()
                let run = try await bench.leasedRun()
                let call = bench.call(run)
                _ = try await bench.begin(call, run)
                let next = try await bench.restarted()
                let report = try await next.queue.rescue(LeaseRescue())
                #expect(report == LeaseRescueReport(runs: 1, outputs: 1, unknownEffects: 2))
                #expect(try await next.effect(call.id).effect.state == .unknown)
                #expect(try await next.effect(output.effect.id).effect.state == .unknown)
                #expect(try await next.finish(run) == .fenced)
                #expect(try await next.claimRuns().map(\.fence) == [2])
                let again = try #require(try await next.claimOutputs().first)
                #expect(again.effect.maybeDuplicate)
                #expect(again.counters.losses == 1)
                #expect(try await next.queue.rescue(LeaseRescue()) == LeaseRescueReport())
                try await next.expectHonestCounters()
            },
            ConformanceCase("an output that was in flight and must not be sent twice is parked by the rescue") {
                bench in
                let (_, output) = try await bench.leasedOutput(.atMostOnce)
                let next = try await bench.restarted()
                let report = try await next.queue.rescue(LeaseRescue())
                #expect(report.outputs == 1 && report.unknownEffects == 1)
                #expect(report.notices.map(\.kind) == [.parkedEffect])
                #expect(report.notices.first?.message.contains("\(output.effect.id)") == true)
                let detail = try await next.effect(output.effect.id)
                #expect(detail.effect.state == .unknown)
                #expect(detail.delivery?.parkReason == .unknownEffect)
                #expect(try await next.claimOutputs().isEmpty)
            },
            ConformanceCase("a rescue is bounded and says when there is more") { bench in
                for _ in 0..<5 { _ = try await bench.leasedRun() }
                bench.clock.advance(by: .seconds(30))
                let first = try await bench.queue.rescue(LeaseRescue(limit: 3))
                #expect(first.runs == 3)
                #expect(first.hasMore)
                let second = try await bench.queue.rescue(LeaseRescue(limit: 3))
                #expect(second.runs == 2)
                #expect(second.hasMore == false)
            },
        ]
    }
}
