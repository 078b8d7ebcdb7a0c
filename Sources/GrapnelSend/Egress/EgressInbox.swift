import CCurl
import Glibc
import Synchronization

/// Where tasks leave requests for the egress thread; bounded.
final class EgressInbox: Sendable {
    private struct State {
        var waiting: [EgressSubmission] = []
        var isPolling = false
        var isStopping = false
    }

    private let state = Mutex(State())
    private let limit: Int
    /// Readable when the thread that polls has something to take.
    let descriptor = grapnel_curl_wakeup()

    init(limit: Int) {
        self.limit = limit
    }

    deinit { close(descriptor) }

    /// Leaves a request; its completion is called at once when there is no room or the hub stops.
    func submit(_ submission: EgressSubmission) {
        let (failure, wakes): (EgressFailure?, Bool) = state.withLock { state in
            if state.isStopping { return (EgressFailure(.stopped, "the hub is stopping"), false) }
            guard state.waiting.count < limit else {
                return (EgressFailure(.full, "\(limit) outbound requests wait already; try again later"), false)
            }
            state.waiting.append(submission)
            defer { state.isPolling = false }
            return (nil, state.isPolling)
        }
        if wakes { wake() }
        if let failure { submission.completion(.failure(failure)) }
    }

    /// Asks the thread to stop.
    func stop() {
        state.withLock { $0.isStopping = true }
        wake()
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Takes note of the wake-ups so far.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    /// Takes up to `count` requests; `nil` when the thread is to stop. With nothing to take, the thread is expected
    /// to poll next, and is woken from it by the next request.
    func take(_ count: Int) -> [EgressSubmission]? {
        state.withLock { state in
            if state.isStopping { return nil }
            if count >= state.waiting.count {
                let all = state.waiting
                state.waiting.removeAll(keepingCapacity: true)
                state.isPolling = all.isEmpty
                return all
            }
            let first = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            state.isPolling = first.isEmpty
            return first
        }
    }

    /// Takes what is left, after the end.
    func drain() -> [EgressSubmission] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
