import GrapnelCore
import Synchronization

/// What the maintenance knows of its clocks: whether the wall clock was moved lately, and whether the process stood
/// still.
final class MaintenanceWatch: Sendable {
    /// What a look for lost leases has to consider.
    struct Sight {
        var isFirst: Bool
        /// How far the wall clock was moved since the last look.
        var jump: Duration?
        /// Whether leases may have run out because nobody could prolong them.
        var stoodStill: Bool
    }

    private struct State {
        var clocks = ClockWatch()
        var hasLooked = false
        /// Monotonic time until which nothing is deleted.
        var heldUntil: Duration?
        /// Monotonic time at which the last pass of deleting began that looked at everything.
        var lastRevisit: Duration?
        /// Whether the pass that goes on is such a one; `nil` between two passes.
        var isRevisiting: Bool?
    }

    private let clock: any HubClock
    private let pace: QueueMaintenance.Pace
    private let state = Mutex(State())

    init(clock: any HubClock, pace: QueueMaintenance.Pace) {
        self.clock = clock
        self.pace = pace
    }

    func look() -> Sight {
        state.withLock { state in
            let look = state.clocks.look(clock)
            if look.jump != nil { state.heldUntil = clock.monotonic() + pace.jumpHold }
            defer { state.hasLooked = true }
            return Sight(
                isFirst: !state.hasLooked, jump: look.jump, stoodStill: look.elapsed > pace.rescue + pace.pause)
        }
    }

    /// Whether the pass of deleting that goes on, or begins now, looks at everything.
    var revisits: Bool {
        state.withLock { state in
            if let isRevisiting = state.isRevisiting { return isRevisiting }
            let now = clock.monotonic()
            let isDue = state.lastRevisit.map { now - $0 >= pace.revisit } ?? true
            state.isRevisiting = isDue
            if isDue { state.lastRevisit = now }
            return isDue
        }
    }

    /// Lets the next pass of deleting look at everything.
    func revisitNext() { state.withLock { $0.lastRevisit = nil } }

    /// Takes note that a pass of deleting has come to its end.
    func endPass() { state.withLock { $0.isRevisiting = nil } }

    /// Whether the wall clock was moved so lately that what it calls old may be new.
    var holdsPruning: Bool {
        state.withLock { state in
            // A jump that the other task has not come to see yet counts too.
            var clocks = state.clocks
            if clocks.look(clock).jump != nil { return true }
            return state.heldUntil.map { clock.monotonic() < $0 } ?? false
        }
    }
}
