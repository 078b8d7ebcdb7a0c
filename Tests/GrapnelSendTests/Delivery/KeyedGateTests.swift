import GrapnelFormat
import GrapnelSend
import Testing

@Suite struct KeyedGateTests {
    private func rate(_ key: String) -> EffectKeys { EffectKeys(rate: key) }
    private func place(_ key: String) -> EffectKeys { EffectKeys(concurrency: key) }

    @Test func `each key has a rate of its own`() {
        var gate = KeyedGate(rate: RateLimit("1/1s"), concurrency: nil)
        gate.enter(rate("a"), at: .zero)
        #expect(gate.admission(of: rate("a"), at: .zero) == .wait(.seconds(1)))
        #expect(gate.admission(of: rate("b"), at: .zero) == .admitted)
        #expect(gate.admission(of: .none, at: .zero) == .admitted)
        #expect(gate.admission(of: rate("a"), at: .seconds(1)) == .admitted)
        gate.returnUnused(rate("a"))
        #expect(gate.admission(of: rate("a"), at: .zero) == .admitted)
    }

    @Test func `each key has places of its own`() {
        var gate = KeyedGate(rate: nil, concurrency: 2)
        gate.enter(place("a"), at: .zero)
        gate.enter(place("a"), at: .zero)
        #expect(gate.admission(of: place("a"), at: .zero) == .busy)
        #expect(gate.admission(of: place("b"), at: .zero) == .admitted)
        gate.leave(place("a"), took: .seconds(1))
        #expect(gate.admission(of: place("a"), at: .zero) == .admitted)
        // What was let through by other rules than these leaves too.
        for _ in 0..<5 { gate.leave(place("a"), took: .seconds(1)) }
        gate.enter(place("a"), at: .zero)
        gate.enter(place("a"), at: .zero)
        #expect(gate.admission(of: place("a"), at: .zero) == .busy)
    }

    @Test func `turns of a key with places follow each other as requests do`() {
        var gate = KeyedGate(rate: nil, concurrency: 1)
        for _ in 0..<100 {
            gate.enter(place("a"), at: .zero)
            gate.leave(place("a"), took: .milliseconds(100))
        }
        gate.enter(place("a"), at: .zero)
        let turns = (0..<5).map { _ in gate.turn(of: place("a"), behind: 0, at: .zero) }
        #expect(turns.allSatisfy { $0 > .zero } && turns == turns.sorted() && Set(turns).count == 5)
        #expect(turns.last.map { (.milliseconds(490) ... .milliseconds(520)).contains($0) } == true, "\(turns)")
    }

    @Test func `no turn is farther than the farthest`() {
        var gate = KeyedGate(rate: RateLimit("1/1h"), concurrency: nil)
        gate.enter(rate("a"), at: .zero)
        for _ in 0..<5 { #expect(gate.turn(of: rate("a"), behind: 0, at: .zero) == .seconds(3600)) }
    }

    @Test func `keys are forgotten when they are as if nothing had been sent`() {
        var gate = KeyedGate(rate: RateLimit("1/1s"), concurrency: 1)
        for second in 0..<10_000 {
            let key = EffectKeys(rate: "\(second)", concurrency: "\(second)")
            gate.forget(at: .seconds(second))
            #expect(gate.admission(of: key, at: .seconds(second)) == .admitted)
            gate.enter(key, at: .seconds(second))
            gate.leave(key, took: .milliseconds(1))
        }
        #expect(gate.count <= 256)
    }

    @Test func `more keys than can be remembered wait until one is forgotten`() {
        var gate = KeyedGate(rate: RateLimit("1/1s"), concurrency: nil, limits: KeyedGate.Limits(keys: 3))
        for key in ["a", "b", "c"] { gate.enter(rate(key), at: .zero) }
        gate.forget(at: .zero)
        #expect(gate.admission(of: rate("d"), at: .zero) == .wait(.seconds(1)))
        #expect(gate.turn(of: rate("d"), behind: 0, at: .zero) == .seconds(1))
        #expect(gate.count == 3)
        gate.forget(at: .seconds(1))
        #expect(gate.admission(of: rate("d"), at: .seconds(1)) == .admitted)
        #expect(gate.count == 0)
    }
}
