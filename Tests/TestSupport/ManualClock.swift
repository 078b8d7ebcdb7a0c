package import GrapnelCore
import Synchronization

/// A clock that moves only when a test moves it.
package final class ManualClock: HubClock {
    private struct State {
        var wall: Timestamp
        var monotonic: Duration = .zero
        var sleepers: [(id: Int, wakeAt: Duration, continuation: CheckedContinuation<Void, any Error>)] = []
        var cancelled: Set<Int> = []
        var nextID = 0
    }

    private let state: Mutex<State>

    package init(_ start: Timestamp = Timestamp(milliseconds: 1_767_603_600_000)) {
        state = Mutex(State(wall: start))
    }

    package func now() -> Timestamp { state.withLock { $0.wall } }

    package func monotonic() -> Duration { state.withLock { $0.monotonic } }

    /// How many tasks sleep.
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Moves both clocks and wakes the sleepers whose time has come.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.wall = state.wall + duration
            state.monotonic += duration
            let now = state.monotonic
            let due = state.sleepers.filter { $0.wakeAt <= now }
            state.sleepers.removeAll { $0.wakeAt <= now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Sets the wall clock alone, as an operator or NTP does.
    package func setWallClock(_ timestamp: Timestamp) {
        state.withLock { $0.wall = timestamp }
    }

    package func sleep(for duration: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if duration <= .zero { return .success(()) }
                    state.sleepers.append((id, state.monotonic + duration, continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index).continuation
            }
            sleeper?.resume(throwing: CancellationError())
        }
    }
}
