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
}
