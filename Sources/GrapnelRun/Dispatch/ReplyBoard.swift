package import GrapnelCore
import Synchronization

/// Where those who wait for a run's synchronous reply find it.
package final class ReplyBoard: Sendable {
    /// Replies that are kept for someone who has not asked yet. 1,024; the oldest go first.
    private static let keptReplies = 1024

    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<HTTPReply?, Never>
    }

    private struct State {
        var waiters: [Identifier<Run>: [Waiter]] = [:]
        var settled: [Identifier<Run>: HTTPReply?] = [:]
        /// The keys of `settled`, oldest first.
        var order: [Identifier<Run>] = []
        /// Waiters whose time was over before they waited.
        var expired: Set<Int> = []
        var nextNumber = 0
    }

    private let clock: any HubClock
    private let state = Mutex(State())

    package init(clock: any HubClock) { self.clock = clock }

    /// The reply of a run; `nil` when it failed or `within` has passed.
    package func reply(to run: Identifier<Run>, within: Duration) async -> HTTPReply? {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled with the caller or when the reply is there.
                try? await self.clock.sleep(for: within)
                self.expire(number, of: run)
            }
            let reply = await wait(number, for: run)
            group.cancelAll()
            await group.waitForAll()
            _ = state.withLock { $0.expired.remove(number) }
            return reply
        }
    }

    /// Gives the reply of a run to those who wait for it, and keeps it for one who asks later; `nil` when it failed.
    package func settle(_ run: Identifier<Run>, _ reply: HTTPReply?) {
        let waiters = state.withLock { state in
            if let waiters = state.waiters.removeValue(forKey: run) { return waiters }
            if state.settled.updateValue(reply, forKey: run) == nil {
                state.order.append(run)
                if state.order.count > ReplyBoard.keptReplies {
                    state.settled[state.order.removeFirst()] = nil
                }
            }
            return []
        }
        for waiter in waiters { waiter.continuation.resume(returning: reply) }
    }

    private func wait(_ number: Int, for run: Identifier<Run>) async -> HTTPReply? {
        await withCheckedContinuation { continuation in
            let early: HTTPReply?? = state.withLock { state in
                if let settled = state.settled.removeValue(forKey: run) {
                    state.order.removeAll { $0 == run }
                    return settled
                }
                if state.expired.remove(number) != nil { return .some(nil) }
                state.waiters[run, default: []].append(Waiter(number: number, continuation: continuation))
                return nil
            }
            if let early { continuation.resume(returning: early) }
        }
    }

    private func expire(_ number: Int, of run: Identifier<Run>) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters[run]?.firstIndex(where: { $0.number == number }) else {
                state.expired.insert(number)
                return nil
            }
            let waiter = state.waiters[run]?.remove(at: index)
            if state.waiters[run]?.isEmpty == true { state.waiters[run] = nil }
            return waiter
        }
        waiter?.continuation.resume(returning: nil)
    }
}
