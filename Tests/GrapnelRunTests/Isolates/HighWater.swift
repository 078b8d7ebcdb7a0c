import Synchronization

/// How many are inside at a time, at the most.
final class HighWater: Sendable {
    private let state = Mutex((now: 0, most: 0))

    var most: Int { state.withLock { $0.most } }

    /// Comes in, lets others come too, and leaves.
    func enter() async {
        state.withLock { state in
            state.now += 1
            state.most = max(state.most, state.now)
        }
        for _ in 0..<100 { await Task.yield() }
        state.withLock { $0.now -= 1 }
    }
}
