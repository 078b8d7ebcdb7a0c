package import GrapnelCore
import Synchronization

/// Remembers what the stand-ins got: the last requests, and for ever (until it is cleared) how often each effect came.
package final class EmulatorRecorder: Sendable {
    /// What a recorder may hold.
    package struct Limits: Sendable {
        /// Requests that are kept; the oldest go first. Default 10,000.
        package var requests: Int
        /// Bodies and inputs that are kept, all together; the oldest requests lose theirs first. Default 128 MiB.
        package var bodies: ByteCount
        /// Effect keys that are counted. Default 1,000,000.
        package var effectKeys: Int
        /// Requests of one page. Default 1,000.
        package var page: Int

        package init(
            requests: Int = 10_000, bodies: ByteCount = .mebibytes(128), effectKeys: Int = 1_000_000, page: Int = 1000
        ) {
            self.requests = max(1, requests)
            self.bodies = bodies
            self.effectKeys = max(0, effectKeys)
            self.page = max(1, page)
        }
    }

    private struct State {
        /// A ring: the request with the sequence number n stands at n modulo the limit.
        var requests: [RecordedRequest] = []
        /// The bytes of all bodies in the ring.
        var bodyBytes = 0
        /// Requests with a lower number have no body any more.
        var firstWithBody = 1
        var effects: [String: EffectTally] = [:]
        var totals = RecordedTotals()
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())
    private let clock: any HubClock
    private let limits: Limits
    /// Whether headers, bodies and inputs are kept. Without them a request costs a few words.
    package let keepsBodies: Bool

    package init(clock: any HubClock, keepsBodies: Bool = true, limits: Limits = Limits()) {
        self.clock = clock
        self.keepsBodies = keepsBodies
        self.limits = limits
    }

    /// Records a request, gives it the next sequence number, and wakes those who wait for one.
    package func record(_ request: RecordedRequest) {
        var request = request
        if !keepsBodies {
            request.headers = HeaderFields()
            request.body = []
            request.input = nil
        }
        let waiters = state.withLock { state in
            request.sequence = state.totals.received + 1
            state.totals.received += 1
            if request.isApplied { state.totals.applied += 1 }
            count(request, in: &state)
            keep(request, in: &state)
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    private func keep(_ request: RecordedRequest, in state: inout State) {
        state.bodyBytes += request.body.count
        if state.requests.count < limits.requests {
            state.requests.append(request)
        } else {
            let slot = (request.sequence - 1) % limits.requests
            state.bodyBytes -= state.requests[slot].body.count
            state.requests[slot] = request
        }
        while state.bodyBytes > limits.bodies.bytes, state.firstWithBody < request.sequence {
            let slot = (state.firstWithBody - 1) % limits.requests
            state.firstWithBody += 1
            // The slot of a request that is long gone holds a later one, whose turn comes.
            guard state.requests[slot].sequence == state.firstWithBody - 1 else { continue }
            state.bodyBytes -= state.requests[slot].body.count
            state.requests[slot].body = []
            state.requests[slot].input = nil
        }
    }

    private func count(_ request: RecordedRequest, in state: inout State) {
        guard let key = request.effectKey else { return }
        guard state.effects.count < limits.effectKeys || state.effects[key] != nil else {
            state.totals.uncountedKeys += 1
            return
        }
        state.effects[key, default: EffectTally()].received += 1
        guard request.isApplied else { return }
        state.effects[key, default: EffectTally()].applied += 1
        if state.effects[key]?.applied == 2 { state.totals.repeatedKeys += 1 }
    }

    /// The kept requests with a sequence number above `sequence`, oldest first, at most one page.
    package func requests(after sequence: Int) -> [RecordedRequest] {
        state.withLock { state in
            let last = state.totals.received
            let first = max(sequence, last - state.requests.count, 0) + 1
            guard first <= last else { return [] }
            return (first...min(last, first + limits.page - 1)).map { state.requests[($0 - 1) % limits.requests] }
        }
    }

    /// How often each key came.
    package var effects: [String: EffectTally] {
        state.withLock { $0.effects }
    }

    /// What was counted.
    package var totals: RecordedTotals {
        state.withLock { $0.totals }
    }

    /// Forgets everything, the counts too; the next request is number 1.
    package func removeAll() {
        state.withLock { state in
            state.requests.removeAll()
            state.bodyBytes = 0
            state.firstWithBody = 1
            state.effects.removeAll()
            state.totals = RecordedTotals()
        }
    }

    /// Returns when a request with a number above `sequence` has come, or when `duration` has passed.
    package func wait(after sequence: Int, atMost duration: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.next(after: sequence) }
            group.addTask { [clock] in try? await clock.sleep(for: duration) }
            await group.next()
            group.cancelAll()
        }
    }

    private func next(after sequence: Int) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // A cancellation that came before is seen here, one that comes later finds the waiter.
                    if Task.isCancelled || state.totals.received > sequence { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
