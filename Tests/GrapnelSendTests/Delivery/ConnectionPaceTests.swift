import GrapnelSend
import Testing

@Suite struct ConnectionPaceTests {
    /// A pace whose vendor took `taken` requests in the second before `time`, and then refused one.
    private func refused(taken: Int, pause: Duration = .zero, at time: Duration = .seconds(10)) -> ConnectionPace {
        var pace = ConnectionPace()
        for number in 0..<taken { pace.leave(isTaken: true, at: time - .milliseconds(400) + .milliseconds(number)) }
        pace.refuse(for: pause, underWay: 1, at: time)
        pace.leave(isTaken: false, at: time)
        return pace
    }

    private func isNear(_ rate: Double?, _ expected: Double) -> Bool { rate.map { abs($0 - expected) < 0.01 } ?? false }

    @Test func `a connection that was never refused has no pace`() {
        var pace = ConnectionPace()
        for _ in 0..<10_000 { pace.enter(at: .zero) }
        #expect(pace.rate(at: .zero) == nil && pace.wait(behind: 10_000, at: .zero) == .zero)
    }

    @Test func `one that was refused comes back to what its vendor took, and goes beyond that`() {
        let pace = refused(taken: 50)
        #expect(isNear(pace.rate(at: .seconds(10)), 40))
        #expect(isNear(pace.rate(at: .seconds(25)), 48.75))
        #expect(isNear(pace.rate(at: .seconds(40)), 50))
        #expect(isNear(pace.rate(at: .seconds(70)), 60))
        #expect(pace.rate(at: .seconds(160)) == nil)
    }

    @Test func `what was under way says nothing new, and what comes after does`() {
        var pace = ConnectionPace()
        for _ in 0..<100 { pace.leave(isTaken: true, at: .zero) }
        pace.refuse(for: .zero, underWay: 3, at: .zero)
        let rate = pace.rate(at: .zero)
        for _ in 0..<2 {
            pace.leave(isTaken: false, at: .zero)
            pace.refuse(for: .zero, underWay: 2, at: .zero)
        }
        #expect(isNear(rate, 80) && pace.rate(at: .zero) == rate)
        pace.leave(isTaken: false, at: .zero)
        // Nothing was taken of late: it is believed to take half of what it was sent.
        let before = pace.rate(at: .seconds(30)) ?? 0
        pace.refuse(for: .zero, underWay: 1, at: .seconds(30))
        #expect(isNear(before, 100) && isNear(pace.rate(at: .seconds(30)), 40))
    }

    @Test func `who asks to wait long is asked seldom for more`() {
        let pace = refused(taken: 50, pause: .seconds(60))
        #expect(pace.wait(at: .seconds(10)) == .seconds(60))
        #expect(isNear(pace.rate(at: .seconds(70)), 40))
        #expect(isNear(pace.rate(at: .seconds(670)), 50))
        #expect(pace.rate(at: .seconds(3071)) == nil)
    }

    @Test func `a vendor that comes back is sent twice as much every two seconds`() {
        var pace = ConnectionPace()
        pace.start(at: .seconds(5))
        #expect([5, 6, 7, 9, 11].map { pace.rate(at: .seconds($0)) } == [10, 15, 20, 40, 80])
        #expect(pace.rate(at: .seconds(19)) == nil && pace.rate(at: .seconds(86_400)) == nil)
    }

    @Test func `a pace is never slower than the slowest`() {
        var pace = refused(taken: 1)
        for second in 11..<60 {
            pace.refuse(for: .zero, underWay: 1, at: .seconds(second))
            pace.leave(isTaken: false, at: .seconds(second))
        }
        #expect(isNear(pace.rate(at: .seconds(59)), 0.1))
        pace.refuse(for: .zero, underWay: 1, isFailing: true, at: .seconds(60))
        #expect(isNear(pace.rate(at: .seconds(60)), 1))
    }

    @Test func `what was not sent costs nothing`() {
        var pace = refused(taken: 10)
        pace.enter(at: .seconds(11))
        let wait = pace.wait(at: .seconds(11))
        pace.enter(at: .seconds(11))
        pace.returnUnused(at: .seconds(11))
        #expect(pace.wait(at: .seconds(11)) == wait && wait > .zero)
        #expect(pace.wait(behind: 8, at: .seconds(11)) > .milliseconds(900))
    }

    /// A vendor that takes so many within any second, and a line that never ends.
    @Test(arguments: [3, 50], [0, 1, 5]) func `a vendor gets what it takes, and little more`(
        _ capacity: Int, _ pause: Int
    ) {
        var pace = ConnectionPace()
        pace.start(at: .zero)
        var taken: [Int] = []
        var refused = 0
        var millisecond = 0
        while millisecond < 300_000 {
            let now = Duration.milliseconds(millisecond)
            pace.enter(at: now)
            let isTaken = taken.count < capacity || taken[taken.count - capacity] <= millisecond - 1000
            if isTaken {
                taken.append(millisecond)
            } else {
                refused += 1
                pace.refuse(for: .seconds(pause), underWay: 1, at: now)
            }
            pace.leave(isTaken: isTaken, at: now)
            millisecond += Int((pace.wait(at: now) / .milliseconds(1)).rounded(.up))
        }
        // Of a few a second little can be learned in a moment.
        let share = capacity < 10 ? 6 : 8
        #expect(taken.count >= 300 * capacity * share / 10, "\(taken.count) were taken")
        #expect(refused <= 30, "\(refused) were refused")
    }
}
