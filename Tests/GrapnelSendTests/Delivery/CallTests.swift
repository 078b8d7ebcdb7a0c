import GrapnelCore
import GrapnelQueue
import GrapnelSend
import Testing

@Suite struct CallTests {
    @Test func `a call reaches the vendor with its key and its credential, and is recorded`() async throws {
        try await BrokerBench.run { bench in
            let run = try await bench.leasedRun()
            #expect(await bench.call("safe", run) == .output(["got": 1]))
            let request = try #require(bench.vendor.requests.first)
            let effect = try await bench.effect(run)
            #expect(request.hasPrefix("POST /safe HTTP/1.1\r\n"))
            #expect(request.contains("\r\nGrapnel-Effect: \(effect.idempotencyKey)\r\n"))
            #expect(request.contains("\r\nUser-Agent: Grapnel/0.1.0\r\n"))
            #expect(request.contains("\r\nAuthorization: Bearer test-token\r\n"))
            #expect(request.hasSuffix("\r\n\r\n{\"n\":1}"))
            #expect(effect.state == .confirmed && effect.sends == 1 && effect.status == 200)
            #expect(effect.output == Array("{\"got\":1}".utf8))
        }
    }

    @Test func `a later attempt gets the recorded answer and nothing is sent`() async throws {
        try await BrokerBench.run { bench in
            let run = try await bench.leasedRun()
            let first = await bench.call("at_most_once", run)
            let again = try await bench.nextAttempt(of: run)
            #expect(await bench.call("at_most_once", again) == first)
            #expect(bench.vendor.requests.count == 1)
        }
    }

    @Test func `a step that asks for something else ends the run`() async throws {
        try await BrokerBench.run { bench in
            let run = try await bench.leasedRun()
            _ = await bench.call("safe", run, n: 1)
            let again = try await bench.nextAttempt(of: run)
            guard case .endRun(.die(.nondeterministic), let failure) = await bench.call("safe", again, n: 2) else {
                Issue.record("the run went on")
                return
            }
            #expect(failure.message.contains("input.n was 1, now it is 2"))
            #expect(bench.vendor.requests.count == 1)
        }
    }

    @Test func `a definite refusal is recorded and comes again without sending`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.status(404))) { bench in
            let run = try await bench.leasedRun()
            let first = await bench.call("safe", run)
            guard case .failure(let failure) = first else {
                Issue.record("no failure")
                return
            }
            #expect(failure.code == "http_404" && !failure.isRetryable && failure.outcome == .definite)
            let again = try await bench.nextAttempt(of: run)
            #expect(await bench.call("safe", again) == first)
            #expect(bench.vendor.requests.count == 1)
        }
    }

    @Test(arguments: ["safe", "idempotent", "at_least_once", "keyed"])
    func `an unknown outcome is the handler's to see, and the next attempt sends again under the same key`(
        operation: String
    ) async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.hangUp, .ok)) { bench in
            let run = try await bench.leasedRun()
            // On a connection of its own, a safe request meets no second chance within one sending.
            guard case .failure(let failure) = await bench.call(operation, run) else {
                Issue.record("no failure")
                return
            }
            #expect(failure.outcome == .unknown && failure.isRetryable)
            #expect(try await bench.effect(run).state == .unknown)
            let again = try await bench.nextAttempt(of: run)
            guard case .output = await bench.call(operation, again) else {
                Issue.record("no output")
                return
            }
            let effect = try await bench.effect(run)
            #expect(effect.state == .confirmed && effect.sends == 2)
            #expect(effect.maybeDuplicate == (operation != "safe"))
            let keys = bench.vendor.requests.compactMap { request in
                request.split(separator: "\r\n").first { $0.hasPrefix("Grapnel-Effect") }
            }
            #expect(keys.count == 2 && Set(keys).count == 1)
            if operation == "keyed" {
                #expect(
                    bench.vendor.requests.allSatisfy { $0.contains("\r\nIdempotency-Key: \(effect.idempotencyKey)") })
            }
        }
    }

    @Test func `what must not be done twice waits for a person, whose word sends it once more`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.hangUp, .ok)) { bench in
            let run = try await bench.leasedRun()
            guard case .endRun(.park(.unknownEffect), _) = await bench.call("at_most_once", run) else {
                Issue.record("the run went on")
                return
            }
            let again = try await bench.nextAttempt(of: run)
            guard case .endRun(.park(.unknownEffect), _) = await bench.call("at_most_once", again) else {
                Issue.record("the run went on")
                return
            }
            #expect(bench.vendor.requests.count == 1)
            let effect = try await bench.effect(run)
            _ = try await bench.queue.resolve(EffectResolution(effect: effect.id, choice: .resend))
            let third = try await bench.nextAttempt(of: again)
            #expect(await bench.call("at_most_once", third) == .output(["got": 2]))
            #expect(try await bench.effect(run).maybeDuplicate)
        }
    }

    @Test func `refused credentials end the attempt, and once mended the call is sent again`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.status(401), .ok)) { bench in
            let run = try await bench.leasedRun()
            guard case .endRun(.park(.connectionUnauthorized), _) = await bench.call("safe", run) else {
                Issue.record("the run went on")
                return
            }
            let again = try await bench.nextAttempt(of: run)
            #expect(await bench.call("safe", again) == .output(["got": 2]))
        }
    }

    @Test func `a secret without a value sends nothing and names it`() async throws {
        try await BrokerBench.run { bench in
            bench.secrets.set("TOKEN", nil)
            let run = try await bench.leasedRun()
            guard case .endRun(.park(.connectionUnauthorized), let failure) = await bench.call("safe", run) else {
                Issue.record("the run went on")
                return
            }
            #expect(failure.message.contains("grapnel secret set TOKEN"))
            #expect(bench.vendor.requests.isEmpty)
        }
    }

    @Test func `an input that does not fit is refused before anything is recorded`() async throws {
        try await BrokerBench.run { bench in
            let run = try await bench.leasedRun()
            let answer = await bench.dispatcher.call(
                CallRequest(
                    run: run, version: BrokerBench.version, connection: "vendor", operation: "safe",
                    input: ["n": "seven"], step: "s1", timeout: .seconds(1)))
            guard case .failure(let failure) = answer else {
                Issue.record("no failure")
                return
            }
            #expect(failure.code == "invalid_input" && !failure.isRetryable)
            #expect(try await bench.queue.effect(origin: run.run.origin, step: "s1") == nil)
        }
    }

    @Test func `a call goes on and is recorded when the task that awaits it is cancelled`() async throws {
        try await BrokerBench.run { bench in
            let run = try await bench.leasedRun()
            let task = Task { await bench.call("at_most_once", run) }
            task.cancel()
            _ = await task.value
            #expect(try await bench.effect(run).state == .confirmed)
        }
    }

    @Test func `a step is under way once, however many ask for it`() async throws {
        try await BrokerBench.run { bench in
            let run = try await bench.leasedRun()
            let answers = await withTaskGroup(of: CallAnswer.self) { group in
                for _ in 0..<8 { group.addTask { await bench.call("at_least_once", run) } }
                return await group.reduce(into: [CallAnswer]()) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0 == .output(["got": 1]) })
            #expect(bench.vendor.requests.count == 1)
        }
    }

    @Test func `a run whose lease was lost sends nothing`() async throws {
        try await BrokerBench.run { bench in
            let run = try await bench.leasedRun()
            _ = try await bench.nextAttempt(of: run)
            #expect(await bench.call("safe", run) == .fenced)
            #expect(bench.vendor.requests.isEmpty)
        }
    }

    @Test func `a vendor that asks to wait is left alone by the next call`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.status(429, "Retry-After: 60\r\n"), .ok)) { bench in
            let run = try await bench.leasedRun()
            _ = await bench.call("safe", run)
            guard case .failure(let failure) = await bench.call("safe", run, step: "s2", timeout: .seconds(1)) else {
                Issue.record("no failure")
                return
            }
            #expect(failure.code == "connection_busy" && failure.isRetryable && failure.outcome == .definite)
            #expect(bench.vendor.requests.count == 1)
        }
    }

    @Test func `calls beyond a connection's concurrency wait their turn`() async throws {
        try await BrokerBench.run(concurrency: 2) { bench in
            let run = try await bench.leasedRun()
            await withTaskGroup(of: CallAnswer.self) { group in
                for number in 0..<20 { group.addTask { await bench.call("safe", run, step: "s\(number)") } }
                for await answer in group {
                    guard case .output = answer else {
                        Issue.record("\(answer)")
                        continue
                    }
                }
            }
            #expect(bench.vendor.requests.count == 20)
            #expect(bench.vendor.connections <= 2)
        }
    }
}
