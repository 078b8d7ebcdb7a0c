import GrapnelCore
import GrapnelQueue
import GrapnelSend
import TestSupport
import Testing

@Suite struct OutputTests {
    @Test func `an output that may leave at once is delivered and recorded`() async throws {
        try await BrokerBench.run { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("at_least_once")])
            let detail = try await bench.delivery(of: run, in: [.succeeded])
            #expect(detail.effect.state == .confirmed && detail.effect.status == 200)
            #expect(detail.delivery?.attempts.count == 1)
            #expect(bench.vendor.requests.first?.contains("Grapnel-Effect: \(detail.effect.idempotencyKey)") == true)
        }
    }

    @Test func `outputs that find no room are claimed later and delivered once`() async throws {
        try await BrokerBench.run(concurrency: 2) { bench in
            let run = try await bench.leasedRun()
            let steps = (0..<30).map { "s\($0)" }
            try await bench.finish(run, outputs: steps.map { bench.output("at_least_once", step: $0) })
            for step in steps { _ = try await bench.delivery(of: run, step: step, in: [.succeeded]) }
            #expect(bench.vendor.requests.count == 30)
            #expect(bench.vendor.connections <= 2)
        }
    }

    @Test func `a delayed output does not leave at once`() async throws {
        try await BrokerBench.run { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("safe", delay: .seconds(3600))])
            let detail = try await bench.delivery(of: run, in: [.scheduled], isAfterTry: false)
            #expect(detail.effect.state == .intended)
            #expect(bench.vendor.requests.isEmpty)
        }
    }

    @Test func `a refusal for good is dead, with what the vendor said`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.status(422))) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("at_least_once")])
            let detail = try await bench.delivery(of: run, in: [.dead])
            #expect(detail.delivery?.deadReason == .rejected)
            #expect(detail.effect.state == .failed && detail.effect.failure?.code == "http_422")
        }
    }

    @Test func `an output that gave up or waits for a human is told`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.status(422), .hangUp, .ok)) { bench in
            for (effect, state) in [("at_least_once", WorkState.dead), ("at_most_once", .parked), ("safe", .succeeded)]
            {
                let run = try await bench.leasedRun()
                try await bench.finish(run, outputs: [bench.output(effect)])
                _ = try await bench.delivery(of: run, in: [state])
            }
            try await Patience.until { bench.notices.posted.count >= 2 }
            #expect(bench.notices.posted.map(\.kind) == [.deadLetter, .parkedEffect])
            #expect(Set(bench.notices.posted.map(\.subject)).count == 1)
            #expect(bench.notices.posted.first?.message.contains("vendor.at_least_once") == true)
        }
    }

    @Test func `refused credentials park the output`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.status(403))) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("at_least_once")])
            #expect(try await bench.delivery(of: run, in: [.parked]).delivery?.parkReason == .connectionUnauthorized)
        }
    }

    @Test func `credentials that are refused after they were replaced do not park the output`() async throws {
        try await BrokerBench.run(firstByte: .seconds(20), answer: BrokerBench.refusingFirst) { bench in
            try await bench.queue.keepCredentials(bench.dispatcher.credentials, woken: true)
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("at_least_once")])
            try await Patience.until { !bench.vendor.requests.isEmpty }
            bench.secrets.set("TOKEN", "another-token")
            bench.find()
            try await bench.queue.keepCredentials(bench.dispatcher.credentials, woken: true)
            bench.vendor.release()
            let detail = try await bench.delivery(of: run, in: [.succeeded, .parked])
            #expect(detail.delivery?.state == .succeeded)
            #expect(detail.effect.sends == 2)
            #expect(bench.vendor.requests.last?.contains("Bearer another-token") == true)
            #expect(bench.notices.posted.isEmpty)
        }
    }

    @Test func `a failure that may pass waits for its time, and for the vendor's when it names one`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.status(503, "Retry-After: 600\r\n"))) { bench in
            let run = try await bench.leasedRun()
            let before = bench.clock.now()
            try await bench.finish(run, outputs: [bench.output("at_least_once")])
            let detail = try await bench.delivery(of: run, in: [.scheduled])
            #expect(detail.effect.state == .failed)
            let dueAt = try #require(detail.delivery?.dueAt)
            #expect(dueAt - before >= .seconds(600))
        }
    }

    @Test(arguments: ["safe", "idempotent", "at_least_once", "keyed"])
    func `an unknown outcome is scheduled to be sent again`(operation: String) async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.silence)) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output(operation)])
            let detail = try await bench.delivery(of: run, in: [.scheduled])
            #expect(detail.effect.state == .unknown && detail.effect.failure?.code == "timeout")
            #expect(detail.delivery?.counters.attempts == 1)
        }
    }

    @Test func `an unknown outcome of what must not be done twice waits for a person`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.status(500), .ok)) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("at_most_once")])
            let detail = try await bench.delivery(of: run, in: [.parked])
            #expect(detail.delivery?.parkReason == .unknownEffect)
            _ = try await bench.queue.resolve(EffectResolution(effect: detail.effect.id, choice: .resend))
            let resent = try await bench.delivery(of: run, in: [.succeeded])
            #expect(resent.effect.maybeDuplicate && resent.effect.sends == 2)
        }
    }

    @Test func `a plan with an operation that does not exist is refused and keeps no room`() async throws {
        try await BrokerBench.run(concurrency: 1) { bench in
            let run = try await bench.leasedRun()
            let failure = #expect(throws: AttemptFailure.self) {
                try bench.dispatcher.plan([bench.output("safe"), bench.output("nothing")], of: run)
            }
            #expect(failure?.kind == .badOutput)
            #expect(failure?.message.contains("at_least_once") == true)
            #expect(try bench.dispatcher.plan([bench.output("safe")], of: run).first?.startNow == true)
        }
    }

    @Test func `room that was planned and not used is given back`() async throws {
        try await BrokerBench.run(concurrency: 1, limits: SendLimits(outputsOfConnection: 1)) { bench in
            let run = try await bench.leasedRun()
            let first = try bench.dispatcher.plan([bench.output("safe")], of: run)
            #expect(first.first?.startNow == true)
            #expect(try bench.dispatcher.plan([bench.output("safe", step: "s2")], of: run).first?.startNow == false)
            bench.dispatcher.release(first)
            #expect(try bench.dispatcher.plan([bench.output("safe", step: "s3")], of: run).first?.startNow == true)
        }
    }

    @Test func `outputs that found no room at all are claimed as soon as there is room`() async throws {
        try await BrokerBench.run(limits: SendLimits(outputs: 1, poll: .seconds(3600))) { bench in
            let run = try await bench.leasedRun()
            let steps = ["s1", "s2", "s3"]
            try await bench.finish(run, outputs: steps.map { bench.output("safe", step: $0) })
            for step in steps { _ = try await bench.delivery(of: run, step: step, in: [.succeeded]) }
        }
    }

    @Test func `one connection's outputs are bounded, however many it has`() async throws {
        try await BrokerBench.run(concurrency: 100, limits: SendLimits(outputsOfConnection: 5)) { bench in
            let run = try await bench.leasedRun()
            let intents = try bench.dispatcher.plan(
                (0..<8).map { bench.output("safe", step: "s\($0)") }, of: run)
            #expect(intents.filter(\.startNow).count == 5)
        }
    }
}
