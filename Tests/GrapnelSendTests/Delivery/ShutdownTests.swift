import Glibc
import GrapnelCore
import GrapnelQueue
import GrapnelSend
import TestSupport
import Testing

@Suite struct ShutdownTests {
    @Test func `stopping lets what was sent finish and hands the rest back, unspent`() async throws {
        let vendor: @Sendable (LoopbackServer, LoopbackServer.Connection) -> Void = { server, connection in
            while let request = connection.readRequest() {
                server.note(request)
                // Answers once the dispatcher is stopping.
                while !server.isReleased { usleep(1000) }
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            }
        }
        try await BrokerBench.run(concurrency: 1, firstByte: .seconds(20), answer: vendor) { bench in
            let run = try await bench.leasedRun()
            let steps = (0..<5).map { "s\($0)" }
            // Due in a moment, so that all five are claimed together and four stand in line.
            try await bench.finish(
                run, outputs: steps.map { bench.output("at_most_once", step: $0, delay: .milliseconds(1)) })
            try await Patience.until { !bench.vendor.requests.isEmpty }
            await bench.stopDispatching()
            // Those in line go back before the vendor answers the one that was sent.
            try await Patience.until {
                var waiting = 0
                for step in steps {
                    let detail = try await bench.queue.effect(try await bench.effect(run, step: step).id)
                    if detail?.delivery?.state == .ready { waiting += 1 }
                }
                return waiting == 4
            }
            bench.vendor.release()
            await bench.dispatchingEnds()
            var sent = 0
            for step in steps {
                let effect = try await bench.effect(run, step: step)
                let detail = try #require(try await bench.queue.effect(effect.id))
                switch detail.delivery?.state {
                case .succeeded:
                    sent += 1
                    #expect(effect.state == .confirmed)
                case .ready:
                    #expect(effect.state == .intended && effect.sends == 0)
                    #expect(detail.delivery?.counters.attempts == 0 && detail.delivery?.attempts.isEmpty == true)
                default: Issue.record("\(step) is \(String(describing: detail.delivery?.state))")
                }
            }
            #expect(sent == 1)
            #expect(bench.vendor.requests.count == 1)
        }
    }
}
