import GrapnelCore
import TestSupport
import Testing

@Suite struct ClockWatchTests {
    @Test func `both clocks together are time that passes`() {
        let clock = ManualClock()
        var watch = ClockWatch()
        let first = watch.look(clock)
        #expect(first.elapsed == .zero && first.jump == nil)
        clock.advance(by: .seconds(300))
        let second = watch.look(clock)
        #expect(second.elapsed == .seconds(300) && second.jump == nil)
    }

    @Test(arguments: [61, -61, 3600, -3600, 400 * 86_400, -400 * 86_400]) func `the wall clock alone is a jump`(
        seconds: Int
    ) {
        let clock = ManualClock()
        var watch = ClockWatch()
        _ = watch.look(clock)
        clock.setWallClock(clock.now() + .seconds(seconds))
        clock.advance(by: .seconds(5))
        let look = watch.look(clock)
        #expect(look.elapsed == .seconds(5) && look.jump == .seconds(seconds))
        #expect(watch.look(clock).jump == nil)
    }

    @Test(arguments: [1, -1, 60, -60]) func `a correction is none`(seconds: Int) {
        let clock = ManualClock()
        var watch = ClockWatch()
        _ = watch.look(clock)
        clock.setWallClock(clock.now() + .seconds(seconds))
        #expect(watch.look(clock).jump == nil)
    }
}
