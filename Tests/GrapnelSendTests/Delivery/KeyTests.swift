import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import GrapnelSend
import Synchronization
import TestSupport
import Testing

/// What a connection says of the keys of its effects.
@Suite struct KeyTests {
    private func rate(_ text: String) throws -> ConnectionFlow {
        let limit = try #require(RateLimit(text))
        return ConnectionFlow(rate: KeyedRate(limit: limit, key: try PathExpression("input.n")))
    }

    @Test func `a long queue of one key holds up no other`() async throws {
        let limits = SendLimits(outputs: 16, outputsOfConnection: 16, claim: 8)
        try await BrokerBench.run(limits: limits, flow: try rate("1/1m")) { bench in
            let run = try await bench.leasedRun()
            let busy = (0..<60).map { bench.output("at_least_once", n: 1, step: "busy\($0)") }
            let others = (2..<8).map { bench.output("at_least_once", n: $0, step: "other\($0)") }
            try await bench.finish(run, outputs: busy + others)
            for other in others { _ = try await bench.delivery(of: run, step: other.step, in: [.succeeded]) }
            _ = try await bench.delivery(of: run, step: "busy0", in: [.succeeded])
            var turns: [Timestamp] = []
            for output in busy.dropFirst() {
                let waiting = try await bench.delivery(of: run, step: output.step, in: [.scheduled], isAfterTry: false)
                #expect(waiting.effect.state == .intended && waiting.effect.sends == 0)
                #expect(waiting.delivery?.counters == WorkCounters() && waiting.delivery?.attempts.isEmpty == true)
                turns.append(try #require(waiting.delivery?.dueAt))
            }
            turns.sort()
            for (turn, next) in zip(turns, turns.dropFirst()) { #expect(next - turn >= .seconds(59)) }
            #expect(bench.vendor.requests.count == 7)
        }
    }

    @Test func `calls and outputs of a key share its places`() async throws {
        let underWay = Mutex((now: 0, most: 0))
        let concurrency = KeyedLimit(limit: 1, key: try PathExpression("input.n"))
        try await BrokerBench.run(
            firstByte: .seconds(20), flow: ConnectionFlow(concurrency: concurrency),
            answer: { server, connection in
                let answering = BrokerBench.answering(.ok)
                underWay.withLock {
                    $0.now += 1
                    $0.most = max($0.most, $0.now)
                }
                answering(server, connection)
                underWay.withLock { $0.now -= 1 }
            }
        ) { bench in
            let run = try await bench.leasedRun()
            let other = try await bench.leasedRun()
            try await bench.finish(
                run, outputs: (0..<10).map { bench.output("at_least_once", n: 1, step: "o\($0)") })
            for call in 0..<5 { _ = await bench.call("safe", other, n: 1, step: "c\(call)") }
            for output in 0..<10 { _ = try await bench.delivery(of: run, step: "o\(output)", in: [.succeeded]) }
            #expect(bench.vendor.requests.count == 15)
            #expect(bench.vendor.connections == 1, "one at a time, on one connection")
        }
    }

    @Test func `a reload takes other rules on`() async throws {
        try await BrokerBench.run { bench in
            let run = try await bench.leasedRun()
            for step in ["a", "b"] { _ = await bench.call("safe", run, step: step) }
            #expect(bench.vendor.requests.count == 2)
            try bench.take(try rate("1/1h"))
            _ = await bench.call("safe", run, step: "c")
            guard case .failure(let failure) = await bench.call("safe", run, step: "d") else {
                Issue.record("the second of a key went too")
                return
            }
            #expect(failure.code == CallFailure.busyCode && failure.isWait)
            #expect(failure.retryAfter.map { $0 > .seconds(3000) } == true)
            _ = await bench.call("safe", run, n: 2, step: "e")
            try bench.take(ConnectionFlow())
            _ = await bench.call("safe", run, step: "f")
            #expect(bench.vendor.requests.count == 5)
        }
    }

    // MARK: Order

    /// All operations of a name stand in one line.
    private func inOrder() throws -> ConnectionFlow { ConnectionFlow(orderBy: try PathExpression("operation")) }

    /// Which outputs the vendor was sent, in their order.
    private func numbers(_ bench: BrokerBench) -> [Int] {
        bench.vendor.requests.compactMap { $0.split(separator: "\"n\":").last.flatMap { Int($0.dropLast()) } }
    }

    @Test func `outputs of one line are sent in the order of their commits, over what is refused`() async throws {
        try await BrokerBench.run(flow: try inOrder(), answer: BrokerBench.answering(.ok, .status(422), .ok)) { bench in
            var runs: [LeasedRun] = []
            for number in 0..<8 {
                let run = try await bench.leasedRun()
                let pair = [0, 1].map { bench.output("safe", n: Int64(2 * number + $0), step: "s\($0)") }
                try await bench.finish(run, outputs: pair)
                runs.append(run)
            }
            for run in runs {
                for step in ["s0", "s1"] {
                    let isRefused = run.run.id == runs[0].run.id && step == "s1"
                    _ = try await bench.delivery(of: run, step: step, in: [isRefused ? .dead : .succeeded])
                }
            }
            #expect(numbers(bench) == Array(0..<16))
        }
    }

    @Test func `an output that is tried again holds its line, and no other`() async throws {
        try await BrokerBench.run(flow: try inOrder(), answer: BrokerBench.answering(.status(500), .ok)) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(
                run, outputs: [0, 1].map { bench.output("at_least_once", n: $0, step: "s\($0)") })
            let first = try await bench.delivery(of: run, step: "s0", in: [.scheduled])
            let other = try await bench.leasedRun()
            try await bench.finish(other, outputs: [bench.output("safe", n: 2)])
            _ = try await bench.delivery(of: other, in: [.succeeded])
            let second = try await bench.delivery(of: run, step: "s1", in: [.scheduled], isAfterTry: false)
            #expect(second.delivery?.heldBy == first.effect.id && second.delivery?.lane == "at_least_once")
            #expect(numbers(bench) == [0, 2])
        }
    }

    // MARK: Expiry

    /// So short that every moment is too late.
    private static let late = ConnectionFlow(expire: .milliseconds(-1))

    @Test func `an output that is too old is dead before it was sent, and the operator is told`() async throws {
        try await BrokerBench.run(flow: Self.late) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(
                run, outputs: [bench.output("safe"), bench.output("safe", step: "later", delay: .milliseconds(20))])
            for step in ["s1", "later"] {
                let detail = try await bench.delivery(of: run, step: step, in: [.dead], isAfterTry: false)
                #expect(detail.delivery?.deadReason == .expired && detail.delivery?.counters == WorkCounters())
                #expect(detail.effect.state == .intended && detail.effect.sends == 0)
                #expect(detail.effect.failure?.code == "expired")
            }
            try await Patience.until { bench.notices.posted.count >= 2 }
            #expect(bench.notices.posted.map(\.kind) == [.deadLetter, .deadLetter])
            #expect(bench.vendor.requests.isEmpty)
        }
    }

    @Test func `an output that is too old when it is to be tried again is dead`() async throws {
        try await BrokerBench.run(
            flow: ConnectionFlow(expire: .seconds(3600)),
            answer: BrokerBench.answering(.status(503, "Retry-After: 0\r\n"), .ok)
        ) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("at_least_once")])
            try await Patience.until { !bench.vendor.requests.isEmpty }
            try bench.take(Self.late)
            let detail = try await bench.delivery(of: run, in: [.dead])
            #expect(detail.delivery?.deadReason == .expired && detail.delivery?.counters.attempts == 1)
            #expect(detail.effect.state == .intended && detail.effect.failure?.code == "expired")
            #expect(bench.vendor.requests.count == 1)
        }
    }

    @Test func `an output with time left is sent, and one that may have been sent is never too old`() async throws {
        let answer = BrokerBench.answering(.hangUp, .ok)
        try await BrokerBench.run(flow: ConnectionFlow(expire: .seconds(3600)), answer: answer) { bench in
            let run = try await bench.leasedRun()
            try await bench.finish(run, outputs: [bench.output("reconciled", n: 7)])
            try await Patience.until { !bench.vendor.requests.isEmpty }
            try bench.take(Self.late)
            let detail = try await bench.delivery(of: run, in: [.succeeded])
            #expect(detail.effect.state == .confirmed && detail.effect.sends == 1)
        }
    }
}
