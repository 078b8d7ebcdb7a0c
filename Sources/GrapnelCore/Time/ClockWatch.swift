/// Compares the wall clock with the monotonic one, from look to look: tells when the wall clock was set, and when the
/// process stood still.
package struct ClockWatch: Sendable {
    /// What came to light at a look.
    package struct Look: Sendable, Hashable {
        /// Monotonic time since the look before; zero at the first.
        package var elapsed: Duration
        /// How far the wall clock was moved since then, when that is more than the tolerance.
        package var jump: Duration?
    }

    private let tolerance: Duration
    private var last: (wall: Timestamp, monotonic: Duration)?

    /// - Parameter tolerance: By how much the wall clock may be corrected between two looks. Default 60 s.
    package init(tolerance: Duration = .seconds(60)) {
        self.tolerance = tolerance
    }

    package mutating func look(_ clock: any HubClock) -> Look {
        let (wall, monotonic) = (clock.now(), clock.monotonic())
        defer { last = (wall, monotonic) }
        guard let last else { return Look(elapsed: .zero, jump: nil) }
        let elapsed = monotonic - last.monotonic
        let jump = wall - last.wall - elapsed
        return Look(elapsed: elapsed, jump: jump > tolerance || jump < .zero - tolerance ? jump : nil)
    }
}
