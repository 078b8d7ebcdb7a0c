import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    private static func resume(_ bench: Bench, _ kind: PauseKind, _ name: String, limit: Int = 500) async throws
        -> StepReport
    {
        try await bench.queue.resume(Resumption(kind: kind, name: name, limit: limit))
    }

    private static func pause(_ bench: Bench, _ kind: PauseKind, _ name: String) async throws {
        _ = try await bench.queue.pause(PauseOrder(kind: kind, name: name, reason: "maintenance"))
    }

    static var pausing: [ConformanceCase] {
        [
            ConformanceCase("a pause is kept over a restart, once, with its reason") { bench in
                try await pause(bench, .recipe, "lead")
                let since = bench.clock.now()
                bench.clock.advance(by: .seconds(60))
                let order = PauseOrder(kind: .recipe, name: "lead", reason: "again", by: "grapnel")
                let standing = try await bench.queue.pause(order)
                let expected = Pause(kind: .recipe, name: "lead", since: since, reason: "maintenance", by: "operator")
                #expect(standing == expected)
                try await pause(bench, .connection, "lead")
                let again = try await bench.restarted()
                #expect(try await again.queue.pauses().map(\.kind) == [.recipe, .connection])
                _ = try await again.queue.accept(again.accepted(recipes: ["lead"], startNow: true))
                #expect(try await again.claimRuns().isEmpty)
                #expect(try await resume(again, .recipe, "lead") == StepReport(count: 0, hasMore: false))
                #expect(try await again.claimRuns().count == 1)
                #expect(try await again.queue.pauses().map(\.kind) == [.connection])
                await again.expect(.notFound) { _ = try await resume(again, .recipe, "lead") }
                await again.store.close(again.queue)
            },
            ConformanceCase("a paused source stores events and parks their runs, and they go on in their order") {
                bench in
                try await pause(bench, .source, "crm")
                var ids: [Identifier<Run>] = []
                for _ in 0..<5 {
                    let request = bench.accepted(recipes: ["lead"], startNow: true)
                    let result = try await bench.queue.accept(request)
                    #expect(result.dispositions == [.stored] && result.leased.isEmpty)
                    #expect(result.held == Set(request.events.flatMap(\.runs).map(\.id)))
                    ids += request.events.flatMap(\.runs).map(\.id)
                    bench.clock.advance(by: .seconds(1))
                }
                #expect(try await bench.run(ids[0]).parkReason == .sourcePaused)
                _ = try await bench.queue.accept(bench.accepted(source: "other", recipes: ["lead"]))
                #expect(try await bench.claimRuns().map(\.event.source) == ["other"])
                #expect(try await resume(bench, .source, "crm", limit: 3) == StepReport(count: 3, hasMore: true))
                // What comes while the others wake stays behind them.
                let late = bench.accepted(recipes: ["lead"], startNow: true)
                #expect(try await bench.queue.accept(late).leased.isEmpty)
                ids += late.events.flatMap(\.runs).map(\.id)
                #expect(try await resume(bench, .source, "crm", limit: 3) == StepReport(count: 3, hasMore: true))
                #expect(try await resume(bench, .source, "crm", limit: 3) == StepReport(count: 0, hasMore: false))
                #expect(try await bench.claimRuns().map(\.run.id) == ids)
                let after = try await bench.queue.accept(bench.accepted(recipes: ["lead"], startNow: true))
                #expect(after.leased.count == 1)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a run whose source was paused still waits as its recipe says") { bench in
                try await pause(bench, .source, "crm")
                let rate = RunFlow(rate: .init(key: "", count: 1, interval: .seconds(60)))
                let first = try await bench.accept(rate).run
                let second = try await bench.accept(rate).run
                let late = try await bench.accept(RunFlow(delay: .seconds(90)), of: "copy").run
                let line = RunFlow(lane: .init(key: "a"), delay: .seconds(30))
                let head = try await bench.accept(line, of: "sort").run
                try await bench.accept(line, of: "sort")
                bench.clock.advance(by: .seconds(10))
                #expect(try await resume(bench, .source, "crm") == StepReport(count: 5, hasMore: false))
                #expect(try await bench.claimRuns().map(\.run.id) == [first])
                bench.clock.advance(by: .seconds(20))
                #expect(try await bench.claimRuns().map(\.run.id) == [head])
                // The rate counts from the end of the pause on.
                bench.clock.advance(by: .seconds(40))
                #expect(try await bench.claimRuns().map(\.run.id) == [second])
                bench.clock.advance(by: .seconds(20))
                #expect(try await bench.claimRuns().map(\.run.id) == [late])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("the runs of a paused recipe wait, and others go on") { bench in
                _ = try await bench.queue.accept(bench.accepted(recipes: ["lead", "copy"]))
                try await pause(bench, .recipe, "lead")
                let request = bench.accepted(recipes: ["lead"], startNow: true)
                let result = try await bench.queue.accept(request)
                #expect(result.leased.isEmpty && result.held.count == 1)
                #expect(try await bench.claimRuns().map(\.run.recipe) == ["copy"])
                _ = try await resume(bench, .recipe, "lead")
                #expect(try await bench.claimRuns().map(\.run.recipe) == ["lead", "lead"])
            },
            ConformanceCase("a paused connection sends nothing, and its outputs leave when it is resumed") { bench in
                try await pause(bench, .connection, "slack")
                let run = try await bench.leasedRun()
                let result = try await bench.finish(
                    run, outputs: [bench.intent(startNow: true), bench.intent("crm#1", connection: "crm")])
                #expect(result == .finished(leased: []))
                #expect(try await bench.claimOutputs().map(\.effect.connection) == ["crm"])
                _ = try await resume(bench, .connection, "slack")
                let left = try await bench.claimOutputs()
                #expect(left.map(\.effect.connection) == ["slack"] && left.map(\.effect.sends) == [1])
                #expect(left.map(\.counters) == [WorkCounters()])
            },
            ConformanceCase("a call of a paused connection does not begin") { bench in
                try await pause(bench, .connection, "crm")
                let run = try await bench.leasedRun()
                let call = bench.call(run)
                #expect(try await bench.begin(call, run) == .paused)
                #expect(try await bench.queue.effect(origin: run.run.origin, step: call.step) == nil)
                _ = try await resume(bench, .connection, "crm")
                #expect(try await bench.begin(call, run) == .begun)
            },
            ConformanceCase("the runs that wait for a connection go on when it is resumed, and no others") { bench in
                try await pause(bench, .connection, "crm")
                try await pause(bench, .connection, "slack")
                for name in ["crm", "slack", "crm"] {
                    let run = try await bench.leasedRun()
                    #expect(try await park(run, .connectionPaused, waitingFor: name, bench) == .finished(leased: []))
                    #expect(try await bench.run(run.run.id).counters == WorkCounters())
                    bench.clock.advance(by: .seconds(1))
                }
                #expect(try await bench.claimRuns().isEmpty)
                #expect(try await resume(bench, .connection, "crm", limit: 1) == StepReport(count: 1, hasMore: true))
                #expect(try await resume(bench, .connection, "crm", limit: 9) == StepReport(count: 1, hasMore: false))
                #expect(try await bench.claimRuns().count == 2)
                #expect(try await bench.queue.runs(RunQuery(states: [.parked])).count == 1)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a connection goes on with the first step, so that who is woken does not wait for it anew")
            {
                bench in
                try await pause(bench, .connection, "crm")
                for _ in 0..<5 {
                    _ = try await park(try await bench.leasedRun(), .connectionPaused, waitingFor: "crm", bench)
                    bench.clock.advance(by: .seconds(1))
                }
                #expect(try await resume(bench, .connection, "crm", limit: 2) == StepReport(count: 2, hasMore: true))
                #expect(try await bench.queue.pauses().isEmpty)
                for run in try await bench.claimRuns() {
                    #expect(try await bench.begin(bench.call(run), run) == .begun)
                }
                #expect(try await resume(bench, .connection, "crm", limit: 2) == StepReport(count: 2, hasMore: true))
                // Whoever was resuming it is gone: the hub wakes the rest by itself, and what is paused stays so.
                try await pause(bench, .connection, "slack")
                _ = try await park(try await bench.leasedRun(), .connectionPaused, waitingFor: "slack", bench)
                let again = try await bench.restarted()
                while try await again.queue.wake(.resumed()).hasMore {}
                #expect(try await again.queue.runs(RunQuery(states: [.parked])).count == 1)
                await again.expect(.notFound) { _ = try await resume(again, .connection, "crm") }
                try await again.expectHonestCounters()
                await again.store.close(again.queue)
            },
            ConformanceCase("a run that ends because of a pause that is over meanwhile goes on") { bench in
                try await pause(bench, .connection, "crm")
                let run = try await bench.leasedRun()
                _ = try await resume(bench, .connection, "crm")
                _ = try await park(run, .connectionPaused, waitingFor: "crm", bench)
                #expect(try await bench.run(run.run.id).state == .ready)
                #expect(try await bench.claimRuns().count == 1)
            },
            ConformanceCase("the runs that wait for the world outside are woken in steps") { bench in
                var ids: [Identifier<Run>] = []
                for _ in 0..<3 {
                    let run = try await bench.leasedRun()
                    ids.append(run.run.id)
                    _ = try await park(run, .offline, waitingFor: "", bench)
                    bench.clock.advance(by: .seconds(1))
                }
                let first = try await bench.queue.wake(.offline(limit: 2))
                let second = try await bench.queue.wake(.offline(limit: 2))
                #expect([first, second] == [.init(count: 2, hasMore: true), .init(count: 1, hasMore: false)])
                #expect(try await bench.claimRuns().map(\.run.id) == ids)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("how connections fare is kept, the last word only") { bench in
                var health = ConnectionHealth(
                    connection: "crm", failingSince: bench.clock.now(), lastFailure: bench.clock.now(), failure: "503")
                try await bench.queue.record(health)
                health.lastSuccess = bench.clock.now()
                health.failingSince = nil
                try await bench.queue.record(health)
                #expect(try await bench.queue.connectionHealth() == [health])
            },
        ]
    }

    private static func park(
        _ run: LeasedRun, _ reason: ParkReason, waitingFor name: String, _ bench: Bench
    ) async throws -> RunFinishResult {
        try await bench.queue.finishRun(
            RunFinish(
                run: run.run.id, fence: run.fence, decision: .park(reason), counters: run.run.counters, attempt: nil,
                version: Bench.version, waitsFor: name))
    }

    static var lookingUp: [ConformanceCase] {
        [
            ConformanceCase("an unknown output that can be looked up is leased for that, and nothing counts as sent") {
                bench in
                let output = try await unknownOutput(.reconcile, bench)
                let since = bench.clock.now()
                bench.clock.advance(by: .seconds(60))
                let lookup = try #require(try await bench.claimOutputs().first)
                #expect(lookup.effect.state == .unknown && lookup.effect.sends == 1 && lookup.effect.lookups == 0)
                #expect(lookup.effect.settledAt == since)
                let failing = finish(lookup, .retry(at: bench.clock.now()), .unknown, isLookup: true)
                #expect(try await bench.queue.finishOutput(failing))
                let again = try #require(try await bench.claimOutputs().first)
                #expect(again.effect.lookups == 1)
                // Handed back, it was not looked up.
                #expect(
                    try await bench.queue.finishOutput(
                        finish(again, .retry(at: bench.clock.now()), .unknown, isLookup: false)))
                let third = try #require(try await bench.claimOutputs().first)
                #expect(third.effect.lookups == 1 && third.effect.failure == Bench.timeout)
                // Since when nobody knows is since the sending, not since the look-ups.
                #expect(third.effect.settledAt == since)
                #expect(try await bench.queue.finishOutput(finish(third, .retry(at: bench.clock.now()), .failed)))
                let sent = try #require(try await bench.claimOutputs().first)
                #expect(sent.effect.id == output && sent.effect.state == .inFlight)
                #expect(sent.effect.sends == 2 && sent.effect.lookups == 0 && !sent.effect.maybeDuplicate)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a vendor's key is looked up when its window is over, if it can be") { bench in
                for canLookUp in [true, false] {
                    let id = try await unknownOutput(.vendorKey, window: .seconds(60), canLookUp: canLookUp, bench)
                    bench.clock.advance(by: .seconds(61))
                    let claimed = try await bench.claimOutputs()
                    #expect(claimed.map(\.effect.state) == (canLookUp ? [.unknown] : []))
                    #expect(try await bench.delivery(id).state == (canLookUp ? .leased : .parked))
                }
            },
            ConformanceCase("a call's look-ups are counted, and the next sending begins anew") { bench in
                let run = try await bench.leasedRun()
                var call = bench.call(run, effectClass: .reconcile)
                call.lookups = 0
                _ = try await bench.begin(call, run)
                bench.clock.advance(by: .seconds(30))
                try await bench.settle(call, .unknown)
                let since = bench.clock.now()
                bench.clock.advance(by: .seconds(60))
                for count in 1...2 {
                    try await bench.queue.settleCall(
                        CallSettlement(
                            effect: call.id, sends: 1, state: .unknown, failure: Bench.timeout, isLookup: true))
                    let known = try await bench.effect(call.id).effect
                    #expect(known.lookups == count && known.settledAt == since)
                }
                try await bench.settle(call, .failed)
                call.sends = 2
                #expect(try await bench.begin(call, run, seen: .failed) == .begun)
                #expect(try await bench.effect(call.id).effect.lookups == 0)
            },
        ]
    }

    private static func unknownOutput(
        _ effectClass: EffectClass, window: Duration? = nil, canLookUp: Bool = true, _ bench: Bench
    ) async throws -> Identifier<Effect> {
        let run = try await bench.leasedRun()
        var intent = bench.intent(effectClass: effectClass, window: window, startNow: true)
        intent.canLookUp = canLookUp
        guard case .finished(let leased) = try await bench.finish(run, outputs: [intent]), let output = leased.first
        else { throw BenchFailure("the run was not finished") }
        _ = try await bench.finish(
            output, .retry(at: bench.clock.now()), .unknown, failure: Bench.timeout, attemptFailure: .callUnknown)
        return output.effect.id
    }

    private static func finish(
        _ output: LeasedOutput, _ decision: WorkDecision, _ state: EffectState, isLookup: Bool = true
    ) -> OutputFinish {
        OutputFinish(
            effect: output.effect.id, fence: output.fence, decision: decision, counters: output.counters, attempt: nil,
            state: state, failure: Bench.timeout, isLookup: isLookup)
    }
}
