import Synchronization

/// Where the hub is now, for those who post to it while it dies and comes back.
final class HubGate: Sendable {
    struct Opening: Sendable {
        let port: Int
        /// Counts the hubs.
        let generation: Int
    }

    private struct State {
        var opening: Opening?
        var generation = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// The first hub after `generation`; waits for it.
    func opening(after generation: Int) async -> Opening {
        while true {
            let found: Opening? = state.withLock { $0.opening }
            if let found, found.generation > generation { return found }
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if let opening = state.opening, opening.generation > generation { return true }
                    state.waiting.append(continuation)
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }

    /// A hub takes webhooks.
    func open(port: Int) {
        let waiting = state.withLock { state in
            state.generation += 1
            state.opening = Opening(port: port, generation: state.generation)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The hub is gone.
    func close() {
        state.withLock { $0.opening = nil }
    }
}
