/// How closely the scheduler looks at the clock.
package struct SchedulerPace: Sendable, Hashable {
    /// The longest time between two looks: within it a moved clock and a new deployment are noticed. Default 1 s.
    package var poll: Duration
    /// A tick that is looked at later than this was missed: with `catch_up: none` it is passed over. Default 60 s.
    package var onTime: Duration
    /// How far ahead a run may be planned. Default 3,660 d.
    package var farthest: Duration

    package init(
        poll: Duration = .seconds(1), onTime: Duration = .seconds(60), farthest: Duration = .seconds(3660 * 86_400)
    ) {
        self.poll = poll
        self.onTime = onTime
        self.farthest = farthest
    }
}
