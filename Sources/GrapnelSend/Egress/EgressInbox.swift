import CCurl
import Synchronization

/// Where tasks leave requests for the egress thread; bounded.
final class EgressInbox: Sendable {
    private struct State {
        var waiting: [EgressSubmission] = []
        /// The address of the handle that `curl_multi_wakeup`, alone of its functions, may be called on from any
        /// thread; 0 while no thread drives it.
        var multi: UInt = 0
        var isPolling = false
        var isStopping = false
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Leaves a request; its completion is called at once when there is no room or the hub stops.
    func submit(_ submission: EgressSubmission) {
        let failure: EgressFailure? = state.withLock { state in
            if state.isStopping { return EgressFailure(.stopped, "the hub is stopping") }
            guard state.waiting.count < limit else {
                return EgressFailure(.full, "\(limit) outbound requests wait already; try again later")
            }
            state.waiting.append(submission)
            wake(&state)
            return nil
        }
        if let failure { submission.completion(.failure(failure)) }
    }

    /// Asks the thread to stop.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            wake(&state)
        }
    }

    private func wake(_ state: inout State) {
        guard state.isPolling, let multi = UnsafeMutableRawPointer(bitPattern: state.multi) else { return }
        state.isPolling = false
        curl_multi_wakeup(multi)
    }

    /// Names the handle to wake; `nil` before it goes away.
    func drive(_ multi: UnsafeMutableRawPointer?) {
        let address = UInt(bitPattern: multi)
        state.withLock { $0.multi = address }
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
