import GrapnelCore
import GrapnelQueue
import GrapnelRun
import TestSupport
import Testing

/// The dispatcher while the wall clock is moved, and while the hub stands still.
@Suite struct MovedClockTests {
    static let jumps: [Int] = [1, -1, 3600, -3600, 400 * 86_400, -400 * 86_400]

    @Test(arguments: jumps) func `a run that is under way keeps its lease and ends once`(seconds: Int) async throws {
        let gate = Gate()
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { _, _ in
            await gate.pass()
            return Sample.outcome(.returned("done"))
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            try await bench.until { bench.isolates.jobs.count == 1 }
            bench.clock.setWallClock(bench.clock.now() + .seconds(seconds))
            for _ in 0..<5 {
                #expect(try await bench.queue.rescue(LeaseRescue()) == LeaseRescueReport())
                bench.clock.advance(by: .seconds(5))
            }
            gate.open()
            let detail = try await bench.run(id, reaches: [.succeeded])
            #expect(detail.run.counters == WorkCounters(attempts: 1))
            #expect(bench.isolates.jobs.count == 1)
        }
    }

    @Test(arguments: jumps) func `runs that come after the jump start at once`(seconds: Int) async throws {
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { _, _ in Sample.outcome(.returned(nil)) }
        try await bench.withServices {
            let before = try #require(try await bench.accept().first)
            try await bench.until { try await bench.queue.run(before)?.run.state == .succeeded }
            bench.clock.setWallClock(bench.clock.now() + .seconds(seconds))
            // No time passes until it has ended.
            let after = try #require(try await bench.accept().first)
            try await bench.until { try await bench.queue.run(after)?.run.state == .succeeded }
        }
    }

    @Test(arguments: jumps) func `a retry comes, and only once, when the clock was moved before it was due`(
        seconds: Int
    ) async throws {
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { job, _ in
            job.attempt == 1
                ? Sample.outcome(.failed(AttemptFailure(.threw, "it failed"))) : Sample.outcome(.returned(nil))
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            try await bench.until { try await bench.queue.run(id)?.run.state == .scheduled }
            bench.clock.setWallClock(bench.clock.now() + .seconds(seconds))
            // What is due further ahead than any retry can be was put off by a wrong clock.
            _ = try await bench.queue.recall(Recall(dueAfter: bench.clock.now() + RetryPolicy.longestDelay))
            for _ in 0..<40 where try await bench.queue.run(id)?.run.state == .scheduled {
                bench.clock.advance(by: .seconds(120))
                for _ in 0..<20 { await Task.yield() }
            }
            try await bench.run(id, reaches: [.succeeded])
            #expect(bench.isolates.jobs.map(\.attempt) == [1, 2])
        }
    }

    @Test(arguments: jumps, ["delay: 30s", "batch: { size: 9, within: 30s }", "debounce: { quiet: 30s }"])
    func `a run that waits by a rule comes, and only once, when the clock was moved`(
        seconds: Int, keys: String
    ) async throws {
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: keys)]) { _, _ in
            Sample.outcome(.returned(nil))
        }
        try await bench.withServices {
            let id = try #require(try await bench.acceptMatching(body: "{}").first)
            bench.clock.setWallClock(bench.clock.now() + .seconds(seconds))
            _ = try await bench.queue.recall(
                Recall(
                    dueAfter: bench.clock.now() + RetryPolicy.longestDelay, back: .seconds(max(-seconds, 0))))
            let due = try #require(try await bench.queue.run(id)).run.dueAt ?? bench.clock.now()
            #expect(due <= bench.clock.now() + .seconds(30))
            for _ in 0..<40 where try await bench.queue.run(id)?.run.state == .scheduled {
                bench.clock.advance(by: .seconds(1))
                for _ in 0..<20 { await Task.yield() }
            }
            try await bench.run(id, reaches: [.succeeded])
            #expect(bench.isolates.jobs.count == 1)
        }
    }

    @Test func `a rate lets runs start when the clock comes back`() async throws {
        let recipe = try Sample.recipe(keys: "rate: 1/1m")
        let bench = try await DispatchBench(recipes: [recipe]) { _, _ in Sample.outcome(.returned(nil)) }
        try await bench.withServices {
            bench.clock.setWallClock(bench.clock.now() + .seconds(30 * 86_400))
            let first = try #require(try await bench.acceptMatching(body: "{}").first)
            try await bench.run(first, reaches: [.succeeded])
            bench.clock.setWallClock(bench.clock.now() - .seconds(30 * 86_400))
            let second = try #require(try await bench.acceptMatching(body: "{}").first)
            for _ in 0..<62 where try await bench.queue.run(second)?.run.state == .scheduled {
                bench.clock.advance(by: .seconds(1))
                for _ in 0..<20 { await Task.yield() }
            }
            try await bench.run(second, reaches: [.succeeded])
        }
    }

    @Test func `a run that was given away during a pause is ended by one of the two only`() async throws {
        let gate = Gate()
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { _, _ in
            await gate.pass()
            return Sample.outcome(.returned(nil))
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            try await bench.until { bench.isolates.jobs.count == 1 }
            // Minutes pass in which nobody prolongs the lease, and somebody looks first.
            try await bench.until { bench.clock.sleeperCount > 0 }
            bench.clock.advance(by: .seconds(300))
            _ = try await bench.queue.rescue(LeaseRescue())
            gate.open()
            let detail = try await bench.run(id, reaches: [.succeeded])
            #expect(detail.attempts.filter { $0.failure == nil }.count == 1)
        }
    }
}
