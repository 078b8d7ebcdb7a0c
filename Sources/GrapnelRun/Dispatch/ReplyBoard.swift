package import GrapnelCore
import Synchronization

/// Where those who wait for a run's synchronous reply find it.
package final class ReplyBoard: Sendable {
    /// Replies that are kept for someone who has not asked yet. 1,024; the oldest go first.
    private static let keptReplies = 1024
    /// The bodies of all kept replies together. 16 MiB.
    private static let keptBytes = ByteCount.mebibytes(16)

    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<HTTPReply?, Never>
    }

    private struct State {
        var waiters: [Identifier<Run>: [Waiter]] = [:]
        var settled: [Identifier<Run>: HTTPReply?] = [:]
        /// The keys of `settled`, oldest first.
        var order: [Identifier<Run>] = []
        var bytes = 0
        /// Waiters whose time was over before they waited.
        var expired: Set<Int> = []
        var nextNumber = 0

        /// Removes the kept reply of a run.
        mutating func take(_ run: Identifier<Run>) -> HTTPReply?? {
            guard let settled = settled.removeValue(forKey: run) else { return nil }
            order.removeAll { $0 == run }
            bytes -= settled?.body.count ?? 0
            return .some(settled)
        }
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

    /// Gives the reply of a run to those who wait for it, and keeps it for one who asks later when nobody
    /// does; `nil` when it failed.
    package func settle(_ run: Identifier<Run>, _ reply: HTTPReply?) {
        let waiters = state.withLock { state in
            if let waiters = state.waiters.removeValue(forKey: run) { return waiters }
            _ = state.take(run)
            state.settled[run] = .some(reply)
            state.order.append(run)
            state.bytes += reply?.body.count ?? 0
            while state.order.count > ReplyBoard.keptReplies || state.bytes > ReplyBoard.keptBytes.bytes {
                guard let oldest = state.order.first else { break }
                _ = state.take(oldest)
            }
            return []
        }
        for waiter in waiters { waiter.continuation.resume(returning: reply) }
    }

    private func wait(_ number: Int, for run: Identifier<Run>) async -> HTTPReply? {
        await withCheckedContinuation { continuation in
            let early: HTTPReply?? = state.withLock { state in
                if let settled = state.take(run) { return settled }
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
