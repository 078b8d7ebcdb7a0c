import Synchronization

/// Counts how many are somewhere at a time.
final class Gauge: Sendable {
    private let state = Mutex((now: 0, most: 0))

    /// The most that there were.
    var most: Int { state.withLock { $0.most } }

    func enter() { state.withLock { $0 = (now: $0.now + 1, most: max($0.most, $0.now + 1)) } }

    func leave() { state.withLock { $0.now -= 1 } }
}
