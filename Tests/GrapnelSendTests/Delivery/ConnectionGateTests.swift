import GrapnelFormat
import GrapnelSend
import Testing

@Suite struct ConnectionGateTests {
    @Test func `no more go through at once than the concurrency`() {
        var gate = ConnectionGate(concurrency: 2, rate: nil)
        #expect(gate.enter(at: .zero) == .admitted)
        #expect(gate.enter(at: .zero) == .admitted)
        #expect(gate.enter(at: .zero) == .busy)
        gate.leave(isTaken: true, at: .zero)
        #expect(gate.enter(at: .zero) == .admitted)
    }

    @Test func `a rate lets a tenth through at once and the rest at a steady pace`() {
        var gate = ConnectionGate(concurrency: 100, rate: RateLimit("60/1m"))
        for _ in 0..<6 { #expect(gate.enter(at: .zero) == .admitted) }
        #expect(gate.enter(at: .zero) == .wait(.seconds(1)))
        #expect(gate.enter(at: .seconds(1)) == .admitted)
        #expect(gate.enter(at: .seconds(1)) == .wait(.seconds(1)))
    }

    @Test func `in any minute a rate is exceeded by its burst at most`() {
        var gate = ConnectionGate(concurrency: 1000, rate: RateLimit("50/1m"))
        var count = 0
        for millisecond in 0..<60_000 where gate.enter(at: .milliseconds(millisecond)) == .admitted { count += 1 }
        #expect((50...55).contains(count))
    }

    @Test func `a place that was not used costs no rate`() {
        var gate = ConnectionGate(concurrency: 10, rate: RateLimit("1/1s"))
        #expect(gate.enter(at: .zero) == .admitted)
        gate.returnUnused(at: .zero)
        #expect(gate.enter(at: .zero) == .admitted)
        #expect(gate.enter(at: .zero) == .wait(.seconds(1)))
    }

    @Test func `a pause holds until its end and is never shortened`() {
        var gate = ConnectionGate(concurrency: 10, rate: nil)
        gate.pause(until: .seconds(30))
        gate.pause(until: .seconds(10))
        #expect(gate.enter(at: .seconds(20)) == .wait(.seconds(10)))
        #expect(gate.enter(at: .seconds(30)) == .admitted)
    }

    @Test func `a refusal sets a pace, and those before one more request count`() {
        var gate = ConnectionGate(concurrency: 10, rate: RateLimit("60/1m"))
        #expect(gate.wait(behind: 5, at: .zero) <= .zero && gate.wait(behind: 20, at: .zero) == .seconds(15))
        #expect(gate.enter(at: .zero) == .admitted)
        gate.refuse(for: .seconds(3), at: .zero)
        gate.leave(isTaken: false, at: .zero)
        #expect(gate.learnedRate(at: .seconds(3)) == 8)
        #expect(gate.enter(at: .zero) == .wait(.seconds(3)))
        #expect(gate.enter(at: .seconds(3)) == .admitted)
        #expect(gate.enter(at: .seconds(3)) == .wait(.milliseconds(125)))
    }
}
