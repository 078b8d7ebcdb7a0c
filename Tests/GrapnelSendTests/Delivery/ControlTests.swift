import GrapnelCore
import GrapnelQueue
import GrapnelSend
import TestSupport
import Testing

/// What keeps requests from a connection, and that nothing is spent or lost by it.
@Suite struct ControlTests {
    private func failure(_ answer: CallAnswer) throws -> CallFailure {
        guard case .failure(let failure) = answer else { throw BrokerBenchError(message: "no failure: \(answer)") }
        return failure
    }

    // MARK: Circuit breaker

    @Test func `a connection that fails is left alone, and what it would have been asked is not tried`() async throws {
        let limits = CircuitBreaker.Limits(requests: 2)
        try await BrokerBench.run(breaker: limits, answer: BrokerBench.answering(.status(500))) { bench in
            let run = try await bench.leasedRun()
            for step in ["a", "b"] { _ = await bench.call("safe", run, step: step) }
            let failure = try failure(await bench.call("safe", run, step: "c"))
            #expect(failure.code == "circuit_open" && failure.isRetryable && failure.outcome == .definite)
            #expect(try #require(failure.retryAfter) > .seconds(20))
            #expect(try await bench.queue.effect(origin: run.run.origin, step: "c") == nil)
            try await bench.finish(run, outputs: [bench.output("safe", step: "d")])
            let detail = try await bench.delivery(of: run, step: "d", in: [.ready], isAfterTry: false)
            #expect(detail.effect.sends == 0 && detail.delivery?.counters == WorkCounters())
            #expect(bench.vendor.requests.count == 2)
        }
    }

    @Test func `one goes to see whether the connection is well again, and the rest follows`() async throws {
        let limits = CircuitBreaker.Limits(requests: 2, wait: .milliseconds(20))
        let answers = BrokerBench.answering(.status(500), .status(500), .ok)
        try await BrokerBench.run(breaker: limits, answer: answers) { bench in
            let run = try await bench.leasedRun()
            for step in ["a", "b"] { _ = await bench.call("safe", run, step: step) }
            let steps = (0..<10).map { "o\($0)" }
            try await bench.finish(run, outputs: steps.map { bench.output("at_least_once", step: $0) })
            for step in steps {
                let detail = try await bench.delivery(of: run, step: step, in: [.succeeded])
                #expect(detail.effect.sends == 1 && detail.delivery?.counters.attempts == 1)
            }
            #expect(bench.vendor.requests.count == 12)
        }
    }

    // MARK: Retry budget

    @Test func `a retry beyond the budget is put off and costs no attempt`() async throws {
        try await BrokerBench.run(
            limits: SendLimits(patience: .milliseconds(20)), budget: RetryBudget.Limits(share: 0, floor: 0),
            answer: BrokerBench.answering(.status(503, "Retry-After: 0\r\n"))
        ) { bench in
            let run = try await bench.leasedRun()
            let before = bench.clock.now()
            try await bench.finish(run, outputs: [bench.output("at_least_once")])
            var due: Timestamp?
            try await Patience.until {
                due = try await bench.queue.effect(try await bench.effect(run).id)?.delivery?.dueAt
                return due.map { $0 - before >= .seconds(15) } ?? false
            }
            #expect(try #require(due) - before < .seconds(90))
            let detail = try await bench.delivery(of: run, in: [.scheduled])
            #expect(detail.delivery?.counters.attempts == 1 && detail.effect.sends == 1)
            #expect(bench.vendor.requests.count == 1)
        }
    }

    // MARK: Pauses

    @Test func `a paused connection's outputs wait and a call ends its run, until it is resumed`() async throws {
        try await BrokerBench.run { bench in
            _ = try await bench.queue.pause(PauseOrder(kind: .connection, name: "vendor"))
            let run = try await bench.leasedRun()
            let answer = await bench.call("safe", run)
            guard case .endRun(.park(.connectionPaused), let failure) = answer else {
                Issue.record("the run went on: \(answer)")
                return
            }
            #expect(failure.kind == .handedBack && failure.message.contains("grapnel resume connection vendor"))
            try await bench.finish(run, outputs: [bench.output("at_least_once", step: "o")])
            _ = try await bench.delivery(of: run, step: "o", in: [.ready], isAfterTry: false)
            #expect(bench.vendor.requests.isEmpty)
            _ = try await bench.queue.resume(Resumption(kind: .connection, name: "vendor"))
            let detail = try await bench.delivery(of: run, step: "o", in: [.succeeded])
            #expect(detail.delivery?.counters.attempts == 1 && bench.vendor.requests.count == 1)
        }
    }

    @Test func `what the ledger has recorded is answered while the connection is paused`() async throws {
        try await BrokerBench.run { bench in
            let run = try await bench.leasedRun()
            let first = await bench.call("safe", run)
            _ = try await bench.queue.pause(PauseOrder(kind: .connection, name: "vendor"))
            #expect(await bench.call("safe", try await bench.nextAttempt(of: run)) == first)
        }
    }

    @Test func `a connection that has failed for too long is paused, and the operator is told`() async throws {
        let limits = HealthRecord.Limits(patience: .zero, failures: 2, keepAfter: .zero)
        try await BrokerBench.run(health: limits, answer: BrokerBench.answering(.status(500))) { bench in
            let run = try await bench.leasedRun()
            _ = await bench.call("safe", run, step: "a")
            #expect(try await bench.queue.connectionHealth().first?.failingSince != nil)
            #expect(try await bench.queue.pauses().isEmpty)
            _ = await bench.call("safe", run, step: "b")
            let pause = try #require(try await bench.queue.pauses().first)
            #expect(pause.kind == .connection && pause.name == "vendor" && pause.by == "grapnel")
            #expect(pause.reason?.contains("500") == true)
            #expect(bench.notices.posted.map(\.kind) == [.connectionPaused])
            guard case .endRun(.park(.connectionPaused), _) = await bench.call("safe", run, step: "c") else {
                Issue.record("the run went on")
                return
            }
            #expect(bench.vendor.requests.count == 2)
        }
    }

    // MARK: Offline

    @Test func `while nothing can be reached nothing is spent, and when something can all goes on`() async throws {
        let nobody = try LoopbackServer.refusing()
        try await BrokerBench.run(
            limits: SendLimits(heartbeat: .milliseconds(50)),
            reachability: Reachability.Limits(wait: .milliseconds(20)),
            baseURL: "http://127.0.0.1:\(nobody.port)"
        ) { bench in
            let run = try await bench.leasedRun()
            var codes: [String] = []
            for step in ["a", "b", "c"] { codes.append(try failure(await bench.call("safe", run, step: step)).code) }
            #expect(codes == ["connect_failed", "connect_failed", "offline"])
            try await Patience.until { bench.dispatcher.offlineSince != nil }
            let turnedAway = try failure(await bench.call("safe", run, step: "d"))
            #expect(turnedAway.code == "offline" && turnedAway.isWait)
            #expect(try await bench.queue.effect(origin: run.run.origin, step: "d") == nil)
            let waiting = try await bench.leasedRun()
            _ = try await bench.queue.finishRun(
                RunFinish(
                    run: waiting.run.id, fence: waiting.fence, decision: .park(.offline), counters: WorkCounters(),
                    attempt: nil, version: BrokerBench.version, waitsFor: ""))
            let steps = (0..<5).map { "o\($0)" }
            try await bench.finish(run, outputs: steps.map { bench.output("at_most_once", step: $0) })
            _ = try await bench.delivery(of: run, step: "o0", in: [.ready], isAfterTry: false)
            #expect(bench.notices.posted.isEmpty)
            bench.find()
            for step in steps {
                let detail = try await bench.delivery(of: run, step: step, in: [.succeeded])
                #expect(detail.effect.sends == 1 && detail.delivery?.counters.attempts == 1)
            }
            try await Patience.until { try await bench.queue.run(waiting.run.id)?.run.state == .ready }
            #expect(bench.dispatcher.offlineSince == nil)
            try await Patience.until { bench.notices.posted.map(\.kind) == [.offline, .online] }
            #expect(bench.vendor.requests.filter { $0.hasPrefix("HEAD / ") }.count == 1)
        }
    }

    // MARK: Rules of the connection

    @Test func `the connection says which statuses are tried again, before the connector does`() async throws {
        try await BrokerBench.run(
            retryOn: ["400-599", "!500"], answer: BrokerBench.answering(.status(422), .status(500))
        ) { bench in
            let run = try await bench.leasedRun()
            let first = try failure(await bench.call("safe", run, step: "a"))
            #expect(first.status == 422 && first.isRetryable && first.outcome == .definite)
            let second = try failure(await bench.call("safe", run, step: "b"))
            #expect(second.status == 500 && !second.isRetryable && second.outcome == .unknown)
        }
    }

    // MARK: Looking up

    @Test func `an unknown output is looked up and, found, not sent again`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.hangUp, .ok)) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("reconciled", n: 7)])
            let detail = try await bench.delivery(of: run, in: [.succeeded])
            #expect(detail.effect.state == .confirmed && detail.effect.sends == 1 && !detail.effect.maybeDuplicate)
            #expect(detail.effect.output == Array("{\"found\":2}".utf8))
            #expect(bench.vendor.requests.map { $0.prefix(12) } == ["POST /reconc", "GET /find?n="])
        }
    }

    @Test func `an unknown output that the vendor has not is sent again`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.status(500), .status(404), .ok)) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("reconciled")])
            let detail = try await bench.delivery(of: run, in: [.succeeded])
            #expect(detail.effect.sends == 2 && !detail.effect.maybeDuplicate)
            #expect(bench.vendor.requests.map { $0.prefix(4) } == ["POST", "GET ", "POST"])
        }
    }

    @Test func `an unknown output that never takes place is tried as often as any other`() async throws {
        let answer = BrokerBench.answering(.status(500), .status(404), .status(500), .status(404), .ok)
        try await BrokerBench.run(policy: RetryPolicy(maxAttempts: 2), answer: answer) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("reconciled")])
            let detail = try await bench.delivery(of: run, in: [.dead])
            #expect(detail.delivery?.deadReason == .exhausted && detail.effect.sends == 2)
            #expect(bench.vendor.requests.map { $0.prefix(4) } == ["POST", "GET ", "POST", "GET "])
        }
    }

    @Test func `an unknown output whose look-ups fail waits for a person`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.status(500))) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("reconciled")])
            let detail = try await bench.delivery(of: run, in: [.parked])
            #expect(detail.delivery?.parkReason == .unknownEffect && detail.effect.sends == 1)
            #expect(bench.vendor.requests.map { $0.prefix(4) } == ["POST", "GET ", "GET "])
        }
    }

    /// Tries a run again and again until its call has another answer than that it must wait.
    private func answer(of run: LeasedRun, _ bench: BrokerBench) async throws -> CallAnswer {
        var attempt = run
        for _ in 0..<2000 {
            attempt = try await bench.nextAttempt(of: attempt)
            let answer = await bench.call("reconciled", attempt)
            guard case .failure(let failure) = answer, failure.outcome == .unknown else { return answer }
            #expect(failure.isRetryable && failure.retryAfter != nil)
        }
        throw BrokerBenchError(message: "the call never ended")
    }

    @Test func `an unknown call is looked up by a later attempt`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.hangUp, .ok)) { bench in
            let run = try await bench.leasedRun()
            let first = try failure(await bench.call("reconciled", run))
            #expect(first.outcome == .unknown && first.retryAfter == .milliseconds(20))
            #expect(try await answer(of: run, bench) == .output(["found": 2]))
            #expect(try await bench.effect(run).sends == 1)
        }
    }

    @Test func `an unknown call that the vendor has not is sent again, by the same attempt`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.hangUp, .status(404), .ok)) { bench in
            let run = try await bench.leasedRun()
            _ = await bench.call("reconciled", run)
            guard case .output = try await answer(of: run, bench) else {
                Issue.record("no output")
                return
            }
            let effect = try await bench.effect(run)
            #expect(effect.sends == 2 && effect.state == .confirmed && !effect.maybeDuplicate)
        }
    }

    @Test func `an unknown call whose look-ups fail parks its run`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.hangUp, .status(500))) { bench in
            let run = try await bench.leasedRun()
            _ = await bench.call("reconciled", run)
            guard case .endRun(.park(.unknownEffect), _) = try await answer(of: run, bench) else {
                Issue.record("the run went on")
                return
            }
            #expect(bench.vendor.requests.map { $0.prefix(4) } == ["POST", "GET ", "GET "])
        }
    }
}
