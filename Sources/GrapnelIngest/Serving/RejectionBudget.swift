import GrapnelCore
import Synchronization

/// How many rejections may be written down: a flood of forged requests must not fill the writer.
final class RejectionBudget: Sendable {
    private struct State {
        var tokens: Double
        var at: Duration
    }

    private let rate: Double
    private let clock: any HubClock
    private let state: Mutex<State>

    init(perSecond: Int, clock: any HubClock) {
        rate = Double(perSecond)
        self.clock = clock
        state = Mutex(State(tokens: Double(perSecond), at: clock.monotonic()))
    }

    /// Takes a place; `false` when none is left now.
    func take() -> Bool {
        let now = clock.monotonic()
        return state.withLock { state in
            let elapsed = Double((now - state.at).milliseconds) / 1000
            state.tokens = min(rate, state.tokens + elapsed * rate)
            state.at = now
            guard state.tokens >= 1 else { return false }
            state.tokens -= 1
            return true
        }
    }
}
