import Synchronization

/// Holds those who come until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var cancelled: Set<Int> = []
        var next = 0
        var arrivals = 0
    }

    private let state = Mutex(State())

    /// How many came.
    var arrivals: Int { state.withLock { $0.arrivals } }

    var isOpen: Bool { state.withLock { $0.isOpen } }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [:] }
            return state.waiters.values.map { $0 }
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Lets the one go that has waited longest.
    func letOneGo() {
        let waiter = state.withLock { state in
            state.waiters.keys.min().flatMap { state.waiters.removeValue(forKey: $0) }
        }
        waiter?.resume()
    }

    /// Returns when the gate is open, or the task was cancelled.
    func pass() async {
        let number = state.withLock { state in
            state.next += 1
            state.arrivals += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state in
                    if state.isOpen || state.cancelled.contains(number) { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isFree { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.cancelled.insert(number)
                return state.waiters.removeValue(forKey: number)
            }
            waiter?.resume()
        }
    }
}
