import GrapnelFormat
import GrapnelSend
import Synchronization
import TestSupport
import Testing

/// Nobody in the line of a connection waits for a call that does not come.
@Suite struct ConnectionLaneTests {
    /// A lane on a clock that a test moves, and who was let through or turned away, in order.
    private final class Bench: Sendable {
        let clock = ManualClock()
        let lane: ConnectionLane
        private let answers = Mutex<[String]>([])

        init(concurrency: Int = 1, rate: String? = nil) {
            lane = ConnectionLane(
                gate: ConnectionGate(concurrency: concurrency, rate: rate.flatMap { RateLimit($0) }), clock: clock)
        }

        var log: [String] { answers.withLock { $0 } }

        /// Wants through; returns when it stands in the line, or has its answer.
        func want(_ name: String, as kind: ConnectionLane.Kind = .call, within patience: Duration = .seconds(600)) async
        {
            let sleepers = clock.sleeperCount
            let before = log.count
            Task {
                let isAdmitted = await lane.enter(as: kind, within: patience)
                answers.withLock { $0.append(isAdmitted ? name : "no \(name)") }
            }
            await until { self.clock.sleeperCount > sleepers || self.log.count > before }
        }

        func until(_ condition: @Sendable () -> Bool) async {
            for _ in 0..<100_000 where !condition() { await Task.yield() }
        }

        func expect(_ log: [String], sourceLocation: SourceLocation = #_sourceLocation) async {
            await until { self.log.count >= log.count }
            #expect(self.log == log, sourceLocation: sourceLocation)
        }
    }

    @Test func `calls go before outputs, each in the order of their coming`() async {
        let bench = Bench()
        await bench.want("a")
        await bench.want("output", as: .output)
        await bench.want("b")
        await bench.want("c")
        for log in [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "output"]] {
            await bench.expect(log)
            bench.lane.leave()
        }
    }

    @Test func `the line goes on when a pause is over`() async {
        let bench = Bench()
        await bench.want("a")
        await bench.want("b")
        await bench.want("c")
        bench.lane.pause(for: .seconds(30))
        bench.lane.leave()
        bench.clock.advance(by: .seconds(29))
        await bench.expect(["a"])
        bench.clock.advance(by: .seconds(1))
        await bench.expect(["a", "b"])
        bench.lane.leave()
        await bench.expect(["a", "b", "c"])
    }

    @Test func `who gives up does not take the next one's turn away`() async {
        let bench = Bench()
        await bench.want("a")
        await bench.want("hasty", within: .seconds(10))
        await bench.want("patient", within: .seconds(60))
        bench.lane.pause(for: .seconds(30))
        bench.lane.leave()
        bench.clock.advance(by: .seconds(10))
        await bench.expect(["a", "no hasty"])
        bench.clock.advance(by: .seconds(20))
        await bench.expect(["a", "no hasty", "patient"])
    }

    @Test func `a rate lets the line through one by one`() async {
        let bench = Bench(concurrency: 10, rate: "6/1m")
        for name in ["a", "b", "c"] { await bench.want(name) }
        await bench.expect(["a"])
        bench.clock.advance(by: .seconds(10))
        await bench.expect(["a", "b"])
        bench.clock.advance(by: .seconds(10))
        await bench.expect(["a", "b", "c"])
    }

    @Test func `one that cannot come through in time is told at once`() async {
        let bench = Bench()
        bench.lane.pause(for: .seconds(30))
        await bench.want("late", within: .seconds(20))
        await bench.expect(["no late"])
        #expect(bench.lane.isShut(for: .seconds(20)) && !bench.lane.isShut(for: .seconds(40)))
    }

    @Test func `outputs that are turned away leave the line, calls stay`() async {
        let bench = Bench()
        await bench.want("a")
        await bench.want("output", as: .output)
        await bench.want("b")
        bench.lane.turnOutputsAway()
        await bench.expect(["a", "no output"])
        bench.lane.leave()
        await bench.expect(["a", "no output", "b"])
        await bench.want("other", as: .output)
        await bench.expect(["a", "no output", "b", "no other"])
    }
}
