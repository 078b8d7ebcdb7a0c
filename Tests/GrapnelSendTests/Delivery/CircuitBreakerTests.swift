import GrapnelSend
import Testing

@Suite struct CircuitBreakerTests {
    private func breaker(_ signs: [ConnectionSign], at now: Duration = .zero) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for sign in signs { breaker.end(sign, isProbe: breaker.begin(), at: now) }
        return breaker
    }

    private func signs(_ answered: Int, _ failed: Int, _ sign: ConnectionSign = .failed) -> [ConnectionSign] {
        Array(repeating: .answered, count: answered) + Array(repeating: sign, count: failed)
    }

    @Test(arguments: [(10, 10, true), (11, 9, false), (0, 19, false), (0, 20, true), (30, 29, false), (30, 30, true)])
    func `it opens when half of at least twenty fail`(answered: Int, failed: Int, opens: Bool) {
        let state = breaker(signs(answered, failed)).state(at: .seconds(1))
        #expect(state == (opens ? .open : .closed))
    }

    @Test(arguments: ConnectionSign.allCases)
    func `what fails is what the vendor did not answer`(sign: ConnectionSign) {
        let opens = sign == .failed || sign == .unreachable
        #expect(breaker(signs(0, 20, sign)).state(at: .zero) == (opens ? .open : .closed))
    }

    @Test func `what failed more than a minute ago is forgotten`() {
        var breaker = breaker(signs(0, 19))
        breaker.end(.failed, isProbe: false, at: .seconds(66))
        #expect(breaker.state(at: .seconds(66)) == .closed)
    }

    @Test func `after half a minute one may go, and the others wait for its end`() {
        var breaker = breaker(signs(0, 20))
        #expect(breaker.admission(at: .zero) == .wait(.seconds(30)))
        #expect(breaker.admission(at: .seconds(29)) == .wait(.seconds(1)))
        #expect(breaker.admission(at: .seconds(30)) == .admitted && breaker.state(at: .seconds(30)) == .halfOpen)
        #expect(breaker.begin() == true)
        #expect(breaker.admission(at: .seconds(31)) == .probing)
        breaker.end(.answered, isProbe: true, at: .seconds(31))
        #expect(breaker.state(at: .seconds(31)) == .closed)
        // What failed before counts no more.
        breaker.end(.failed, isProbe: false, at: .seconds(32))
        #expect(breaker.state(at: .seconds(32)) == .closed)
    }

    @Test func `every probe that fails doubles the wait, up to a limit, and a success forgets that`() {
        var breaker = breaker(signs(0, 20))
        var now = Duration.seconds(30)
        for wait in [60, 120, 240, 480, 600, 600] {
            #expect(breaker.begin() == true)
            breaker.end(.failed, isProbe: true, at: now)
            #expect(breaker.admission(at: now) == .wait(.seconds(wait)))
            now += .seconds(wait)
        }
        #expect(breaker.begin() == true)
        breaker.end(.answered, isProbe: true, at: now)
        for _ in 0..<20 { breaker.end(.failed, isProbe: false, at: now) }
        #expect(breaker.admission(at: now) == .wait(.seconds(30)))
    }

    @Test func `while it is not closed only the end of the probe says anything`() {
        var breaker = breaker(signs(0, 20))
        breaker.end(.answered, isProbe: false, at: .seconds(1))
        #expect(breaker.state(at: .seconds(1)) == .open)
        #expect(breaker.begin() == true)
        breaker.end(.answered, isProbe: false, at: .seconds(31))
        breaker.end(.failed, isProbe: false, at: .seconds(31))
        #expect(breaker.admission(at: .seconds(31)) == .probing)
        breaker.end(.nothing, isProbe: true, at: .seconds(31))
        #expect(breaker.admission(at: .seconds(31)) == .admitted)
    }
}
