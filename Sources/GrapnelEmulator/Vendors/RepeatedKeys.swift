import Synchronization

/// The idempotency keys that a vendor has seen, the last of them.
final class RepeatedKeys: Sendable {
    /// Keys that are remembered before the oldest half is forgotten.
    static let maximumCount = 200_000

    private struct State {
        var recent: Set<String> = []
        var older: Set<String> = []
    }

    private let state = Mutex(State())

    /// Remembers a key; `false` when it was there.
    func insert(_ key: String) -> Bool {
        state.withLock { state in
            guard !state.older.contains(key), state.recent.insert(key).inserted else { return false }
            if state.recent.count >= RepeatedKeys.maximumCount / 2 {
                state.older = state.recent
                state.recent = []
            }
            return true
        }
    }
}
