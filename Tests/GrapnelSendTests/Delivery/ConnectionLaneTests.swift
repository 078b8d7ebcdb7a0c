import Glibc
import GrapnelCore
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

        init(
            concurrency: Int = 1, rate: String? = nil, budget: RetryBudget.Limits = RetryBudget.Limits(),
            keyed: KeyedGate? = nil
        ) {
            lane = ConnectionLane(
                gate: ConnectionGate(concurrency: concurrency, rate: rate.flatMap { RateLimit($0) }),
                breaker: CircuitBreaker(limits: CircuitBreaker.Limits(requests: 2)),
                budget: RetryBudget(limits: budget), keyed: keyed, clock: clock)
        }

        var log: [String] { answers.withLock { $0 } }

        /// Wants through; returns when it stands in the line, or has its answer.
        func want(
            _ name: String, as kind: ConnectionLane.Kind = .call, _ keys: EffectKeys = .none,
            within patience: Duration = .seconds(600)
        ) async {
            let sleepers = clock.sleeperCount
            let before = log.count
            Task {
                let answer =
                    switch await lane.enter(as: kind, keys, within: patience) {
                    case .admitted(let pass): pass.isProbe ? "probe \(name)" : name
                    case .turnedAway: "no \(name)"
                    case .overBudget: "later \(name)"
                    case .circuitOpen: "open \(name)"
                    }
                answers.withLock { $0.append(answer) }
            }
            await until { self.clock.sleeperCount > sleepers || self.log.count > before }
        }

        func until(_ condition: @Sendable () -> Bool) async {
            // What did not come to pass is seen by what is expected next.
            try? await Patience.until(condition)
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
            bench.lane.leave(.first, .answered)
        }
    }

    @Test func `the line goes on when a pause is over`() async {
        let bench = Bench()
        await bench.want("a")
        await bench.want("b")
        await bench.want("c")
        bench.lane.leave(.first, .answered, refusal: .seconds(30))
        bench.clock.advance(by: .seconds(29))
        await bench.expect(["a"])
        bench.clock.advance(by: .seconds(1))
        await bench.expect(["a", "b"])
        bench.lane.leave(.first, .answered)
        // After a refusal one comes behind the other.
        await bench.expect(["a", "b"])
        bench.clock.advance(by: .seconds(1))
        await bench.expect(["a", "b", "c"])
    }

    @Test func `who gives up does not take the next one's turn away`() async {
        let bench = Bench()
        await bench.want("a")
        await bench.want("hasty", within: .seconds(10))
        await bench.want("patient", within: .seconds(60))
        bench.lane.leave(.first, .answered, refusal: .seconds(30))
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
        await bench.want("a")
        bench.lane.leave(.first, .answered, refusal: .seconds(30))
        await bench.want("late", within: .seconds(20))
        await bench.expect(["a", "no late"])
        #expect(bench.lane.isShut(for: .seconds(20)) && !bench.lane.isShut(for: .seconds(40)))
    }

    @Test func `a vendor that comes back is not sent at once what has gathered`() async {
        let bench = Bench(concurrency: 10)
        await fail(bench)
        bench.clock.advance(by: .seconds(30))
        for name in ["a", "b", "c"] { await bench.want(name, as: .output) }
        bench.lane.leave(ConnectionLane.Pass(isProbe: true, isRetry: false), .answered)
        await bench.expect(["probe a", "b"])
        #expect(bench.lane.view().pace == 10)
        bench.clock.advance(by: .milliseconds(100))
        await bench.expect(["probe a", "b", "c"])
    }

    @Test func `a line that is too long for its pace is shut`() async {
        let bench = Bench(rate: "6/1m")
        for number in 0..<3 { await bench.want("\(number)", as: .output) }
        await bench.expect(["0"])
        #expect(bench.lane.isShut(for: .seconds(29)) && !bench.lane.isShut(for: .seconds(30)))
    }

    @Test func `outputs that are turned away leave the line, calls stay`() async {
        let bench = Bench()
        await bench.want("a")
        await bench.want("output", as: .output)
        await bench.want("b")
        bench.lane.turnOutputsAway()
        await bench.expect(["a", "no output"])
        bench.lane.leave(.first, .answered)
        await bench.expect(["a", "no output", "b"])
        await bench.want("other", as: .output)
        await bench.expect(["a", "no output", "b", "no other"])
    }

    /// Fails so often that the breaker opens.
    private func fail(_ bench: Bench) async {
        for _ in 0..<2 {
            guard case .admitted(let pass) = await bench.lane.enter(as: .call, within: .zero) else { return }
            bench.lane.leave(pass, .failed)
        }
    }

    @Test func `a connection that fails is left alone, and then one goes to see`() async {
        let bench = Bench(concurrency: 10)
        await fail(bench)
        await bench.want("a")
        await bench.want("output", as: .output)
        await bench.expect(["open a", "open output"])
        #expect(bench.lane.isShut(for: .seconds(3600)) && bench.lane.tryEnter() == nil)
        bench.clock.advance(by: .seconds(30))
        #expect(!bench.lane.isShut(for: .zero) && bench.lane.tryEnter() == nil)
        await bench.want("b", as: .output)
        await bench.want("c", as: .output)
        await bench.want("d")
        await bench.expect(["open a", "open output", "probe b", "open d"])
        bench.lane.leave(ConnectionLane.Pass(isProbe: true, isRetry: false), .answered)
        await bench.expect(["open a", "open output", "probe b", "open d", "c"])
        #expect(bench.lane.view().breaker == .closed)
    }

    @Test func `a probe that fails sends the line away, and one that is never sent leaves the turn to the next`() async
    {
        let bench = Bench(concurrency: 10)
        await fail(bench)
        bench.clock.advance(by: .seconds(30))
        await bench.want("a", as: .output)
        bench.lane.returnUnused(ConnectionLane.Pass(isProbe: true, isRetry: false))
        await bench.want("b", as: .output)
        await bench.want("c", as: .output)
        bench.lane.leave(ConnectionLane.Pass(isProbe: true, isRetry: false), .unreachable)
        await bench.expect(["probe a", "probe b", "open c"])
        #expect(bench.lane.view().wait == .seconds(60))
        bench.lane.forgetFailures()
        await bench.want("d")
        await bench.expect(["probe a", "probe b", "open c", "d"])
    }

    @Test func `retries beyond their budget stand aside, and those that succeed are given back`() async {
        let bench = Bench(concurrency: 10, budget: RetryBudget.Limits(floor: 1))
        await bench.want("first", as: .retry)
        await bench.want("second", as: .retry, within: .seconds(3))
        await bench.want("third", as: .retry)
        await bench.want("output", as: .output)
        await bench.expect(["first", "output"])
        bench.clock.advance(by: .seconds(3))
        await bench.expect(["first", "output", "later second"])
        bench.lane.leave(ConnectionLane.Pass(isProbe: false, isRetry: true), .answered)
        await bench.expect(["first", "output", "later second", "third"])
    }

    // MARK: Keys

    private static let (first, second) = (
        EffectKeys(rate: "a", concurrency: "a"), EffectKeys(rate: "b", concurrency: "b")
    )

    @Test func `who waits for a place of his key is passed by those of other keys`() async {
        let bench = Bench(concurrency: 10, keyed: KeyedGate(rate: nil, concurrency: 1))
        await bench.want("a", Self.first)
        await bench.want("again", Self.first)
        await bench.want("b", Self.second)
        await bench.want("free")
        await bench.expect(["a", "b", "free"])
        #expect(!bench.lane.isShut(for: .zero))
        bench.lane.leave(ConnectionLane.Pass(isProbe: false, isRetry: false, keys: Self.second), .answered)
        bench.lane.leave(.first, .answered)
        await bench.expect(["a", "b", "free"])
        bench.lane.leave(ConnectionLane.Pass(isProbe: false, isRetry: false, keys: Self.first), .answered)
        await bench.expect(["a", "b", "free", "again"])
    }

    @Test func `a call waits in the line for the rate of its key, unless that takes too long`() async {
        let bench = Bench(concurrency: 10, keyed: KeyedGate(rate: RateLimit("1/1m"), concurrency: nil))
        await bench.want("a", Self.first)
        await bench.want("hasty", Self.first, within: .seconds(59))
        await bench.want("patient", Self.first)
        await bench.want("b", Self.second)
        await bench.expect(["a", "no hasty", "b"])
        bench.clock.advance(by: .seconds(60))
        await bench.expect(["a", "no hasty", "b", "patient"])
    }

    @Test func `the limit for all holds beside that of a key`() async {
        let bench = Bench(concurrency: 1, keyed: KeyedGate(rate: nil, concurrency: 1))
        await bench.want("a", Self.first)
        await bench.want("b", Self.second)
        await bench.expect(["a"])
        bench.lane.leave(ConnectionLane.Pass(isProbe: false, isRetry: false, keys: Self.first), .answered)
        await bench.expect(["a", "b"])
    }

    @Test func `an output that must wait long for its key has a turn of its own, behind those before it`() async {
        let bench = Bench(concurrency: 100, keyed: KeyedGate(rate: RateLimit("1/1m"), concurrency: nil))
        func entry(isBack: Bool = false) async -> ConnectionLane.Entry {
            await bench.lane.enter(as: .output, Self.first, isBack: isBack, within: .seconds(5))
        }
        guard case .admitted = await entry() else {
            Issue.record("the first did not pass")
            return
        }
        for minute in 1...50 { #expect(await entry() == .turnedAway(for: .seconds(60 * minute))) }
        bench.clock.advance(by: .seconds(60))
        // Its turn is another's, who was here before.
        #expect(await entry() == .turnedAway(for: .seconds(60 * 50)))
        #expect(bench.lane.isTaken(Self.first) && !bench.lane.isTaken(Self.second))
        guard case .admitted = await entry(isBack: true) else {
            Issue.record("who had the turn did not pass")
            return
        }
        #expect(bench.lane.tryEnter(Self.first) == nil && bench.lane.tryEnter(Self.second) != nil)
    }

    @Test func `few outputs stay whose turn is near`() async {
        let limits = KeyedGate.Limits(outputs: 2)
        let bench = Bench(
            concurrency: 100, keyed: KeyedGate(rate: RateLimit("5/1s"), concurrency: nil, limits: limits))
        for name in ["a", "b", "c", "d"] { await bench.want(name, as: .output, Self.first, within: .seconds(5)) }
        await bench.expect(["a", "no d"])
        await bench.want("other", as: .output, Self.second)
        bench.clock.advance(by: .milliseconds(200))
        await bench.expect(["a", "no d", "other", "b"])
        bench.clock.advance(by: .milliseconds(200))
        await bench.expect(["a", "no d", "other", "b", "c"])
    }

    @Test func `outputs that come at their turn stay, however many they are`() async {
        let limits = KeyedGate.Limits(outputs: 0)
        let bench = Bench(
            concurrency: 100, keyed: KeyedGate(rate: RateLimit("20/1s"), concurrency: nil, limits: limits))
        for name in ["a", "b", "c", "d", "e"] { await bench.want(name, as: .output, Self.first) }
        await bench.expect(["a", "b", "no e"])
        bench.clock.advance(by: .milliseconds(50))
        await bench.expect(["a", "b", "no e", "c"])
        bench.clock.advance(by: .milliseconds(50))
        await bench.expect(["a", "b", "no e", "c", "d"])
    }

    /// A clock on which every sleep is over at once, and who asks for the time waits a little for one to be.
    private final class EagerClock: HubClock {
        private let sleeps = Mutex(0)

        func now() -> Timestamp { Timestamp(milliseconds: 0) }

        func monotonic() -> Duration {
            let before = sleeps.withLock { $0 }
            for _ in 0..<2000 where sleeps.withLock({ $0 }) == before { sched_yield() }
            for _ in 0..<100 { sched_yield() }
            return .zero
        }

        func sleep(for duration: Duration) async throws { sleeps.withLock { $0 += 1 } }
    }

    private final class Tally: Sendable {
        let count = Mutex(0)
    }

    @Test func `a patience that ends at once ends the wait`() async throws {
        let lane = ConnectionLane(gate: ConnectionGate(concurrency: 1, rate: nil), clock: EagerClock())
        #expect(await lane.enter(as: .call, within: .seconds(1)) == .admitted(.first))
        let (answers, count) = (Tally(), 20)
        for number in 1...count {
            Task {
                if await lane.enter(as: .call, within: .nanoseconds(1)) == .turnedAway(for: nil) {
                    answers.count.withLock { $0 += 1 }
                }
            }
            try await Patience.until { answers.count.withLock { $0 } >= number }
        }
        #expect(answers.count.withLock { $0 } == count)
    }
}

extension ConnectionLane.Pass {
    /// What a request that was not sent before is let through with.
    fileprivate static let first = ConnectionLane.Pass(isProbe: false, isRetry: false)
}
