import GrapnelCore
import GrapnelIngest
import Testing

@Suite struct ReplayClockTests {
    private static let noon = Timestamp(milliseconds: 1_767_614_400_000)

    /// A clock that a request has confirmed at noon, when the monotonic clock stood at 100 s.
    private static func confirmed() -> ReplayClock {
        var clock = ReplayClock()
        clock.confirm(wall: noon, monotonic: .seconds(100))
        return clock
    }

    @Test func `before anything is confirmed the wall clock counts`() {
        #expect(ReplayClock().now(wall: Self.noon, monotonic: .seconds(5)) == Self.noon)
    }

    @Test(arguments: [3600, 61, 60, 59, 0, -1, -3600, -86_400 * 400])
    func `a wall clock that was set back does not count`(
        by seconds: Int
    ) {
        // Ten minutes later.
        let right = Self.noon + .seconds(600)
        let wall = right - .seconds(seconds)
        #expect(Self.confirmed().now(wall: wall, monotonic: .seconds(700)) == (seconds > 60 ? right : wall))
    }

    @Test func `a clock that goes forward is followed, and back again, as long as nobody confirms it`() {
        let clock = Self.confirmed()
        let ahead = Self.noon + .seconds(365 * 86_400)
        #expect(clock.now(wall: ahead, monotonic: .seconds(101)) == ahead)
        #expect(clock.now(wall: Self.noon + .seconds(60), monotonic: .seconds(160)) == Self.noon + .seconds(60))
    }

    @Test func `what the vendor signs by the carried time keeps that, however long the wall clock is wrong`() {
        var clock = Self.confirmed()
        for minute in 1...600 {
            let right = Self.noon + .seconds(60 * minute)
            let (wall, monotonic) = (right - .seconds(3600), Duration.seconds(100 + 60 * minute))
            // Somebody sends what he kept, every minute; the vendor speaks every half an hour.
            _ = clock.weigh(wall, wall: wall, monotonic: monotonic)
            if minute % 30 == 0 { #expect(clock.weigh(right, wall: wall, monotonic: monotonic) == .carried) }
            #expect(clock.now(wall: wall, monotonic: monotonic) == right)
        }
    }

    @Test func `a clock that was ahead with the vendor's is believed after an hour, not for good`() {
        var clock = ReplayClock()
        let ahead = Self.noon + .seconds(365 * 86_400)
        clock.confirm(wall: ahead, monotonic: .zero)
        func weigh(after seconds: Int) -> ReplayClock.Opinion {
            let wall = Self.noon + .seconds(seconds)
            return clock.weigh(wall - .seconds(2), wall: wall, monotonic: .seconds(seconds))
        }
        #expect(weigh(after: 60) == .doubted)
        #expect(weigh(after: 61) == .carried)
        #expect(weigh(after: 3659) == .carried)
        #expect(clock.now(wall: Self.noon, monotonic: .seconds(3659)) > ahead)
        #expect(weigh(after: 3660) == .wall)
        #expect(clock.now(wall: Self.noon + .seconds(3661), monotonic: .seconds(3661)) == Self.noon + .seconds(3661))
    }
}
