import GrapnelSend
import Testing

@Suite struct ReachabilityTests {
    private func offline(_ places: Int = 2) -> Reachability {
        var reachability = Reachability()
        for second in 0..<3 { _ = reachability.note(.unreachable, at: .seconds(second)) }
        for _ in 0..<places { _ = reachability.noteProbe(isReached: false, places: places, at: .seconds(3)) }
        return reachability
    }

    @Test func `three in a row that find nobody make it doubt, and it asks around before it is offline`() {
        var reachability = Reachability()
        #expect(reachability.note(.unreachable, at: .zero) == nil)
        #expect(reachability.nextProbe == nil)
        #expect(reachability.note(.unreachable, at: .seconds(1)) == nil)
        #expect(reachability.note(.unreachable, at: .seconds(2)) == .doubts)
        #expect(reachability.nextProbe == .zero && reachability.state == .doubtful)
        #expect(reachability.noteProbe(isReached: false, places: 2, at: .seconds(3)) == nil)
        #expect(reachability.noteProbe(isReached: false, places: 2, at: .seconds(4)) == .wentOffline)
        #expect(reachability.state == .offline)
    }

    @Test(arguments: [ConnectionSign.answered, .failed])
    func `whoever is reached between them takes the doubt away`(sign: ConnectionSign) {
        var reachability = Reachability()
        for _ in 0..<5 {
            _ = reachability.note(.unreachable, at: .zero)
            _ = reachability.note(.unreachable, at: .zero)
            _ = reachability.note(sign, at: .zero)
        }
        #expect(reachability.state == .online)
    }

    @Test func `failures that are far apart are no sign, and neither is what was never sent`() {
        var reachability = Reachability()
        for minute in 0..<9 {
            _ = reachability.note(.unreachable, at: .seconds(minute * 61))
            _ = reachability.note(.nothing, at: .seconds(minute * 61))
        }
        #expect(reachability.state == .online)
    }

    @Test func `a vendor that is down alone is no reason, and is not asked about again for a while`() {
        var reachability = Reachability()
        for _ in 0..<3 { _ = reachability.note(.unreachable, at: .zero) }
        #expect(reachability.noteProbe(isReached: true, places: 2, at: .seconds(1)) == nil)
        #expect(reachability.state == .online)
        for _ in 0..<10 { #expect(reachability.note(.unreachable, at: .seconds(30)) == nil) }
        #expect(reachability.note(.unreachable, at: .seconds(62)) == .doubts)
    }

    @Test func `one that is offline asks more and more seldom, and around`() {
        var reachability = offline()
        for (turn, wait) in [5, 10, 20, 40, 60, 60].enumerated() {
            #expect(reachability.nextProbe == .seconds(wait) && reachability.turn == turn)
            _ = reachability.noteProbe(isReached: false, places: 2, at: .seconds(100))
        }
    }

    @Test func `the first that is reached brings it back`() {
        var byProbe = offline()
        #expect(byProbe.noteProbe(isReached: true, places: 2, at: .seconds(9)) == .cameOnline)
        var byRequest = offline()
        #expect(byRequest.note(.answered, at: .seconds(9)) == .cameOnline)
        #expect(byRequest.state == .online && byRequest.nextProbe == nil)
        #expect(byRequest.noteProbe(isReached: false, places: 2, at: .seconds(10)) == nil)
    }

    @Test func `a hub with one connection is offline when that one is not there`() {
        #expect(offline(1).state == .offline)
    }
}
