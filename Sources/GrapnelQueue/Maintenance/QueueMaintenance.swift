package import GrapnelCore
package import Logging
import ServiceLifecycle
import Synchronization

/// Looks after the queue: returns work whose lease is lost, and deletes what is older than the retention.
///
/// Every node runs one; what one has done already, another finds done.
package final class QueueMaintenance: Service {
    /// How often, and how much at once.
    package struct Pace: Sendable, Hashable {
        /// Between two looks for lost leases. Default 5 s: with a lease of 30 s, work of a node that died goes on
        /// within 35 s.
        package var rescue: Duration
        /// Between two rounds of deleting. Default 1 min.
        package var pruning: Duration
        /// The most rows of one deleting commit, so that writes beside it hardly wait. Default 500.
        package var pruningLimit: Int
        /// Steps of one round of deleting; the next round goes on. Default 1,000.
        package var pruningSteps: Int
        /// How often deleting looks again at what it had to leave: what waits, and dead letters that are kept for longer.
        /// Default 1 h.
        package var revisit: Duration
        /// A look for lost leases that comes later than it should by this finds that the process stood still: whoever
        /// holds leases did too, and is given until the next look to prolong them. Default 10 s.
        package var pause: Duration
        /// How long nothing is deleted after the wall clock was moved: time to see that it is wrong. Default 1 h.
        package var jumpHold: Duration
        /// How the space of what was deleted goes back to the disk after each round of deleting.
        package var reclaim: SpaceReclaim

        package init(
            rescue: Duration = .seconds(5), pruning: Duration = .seconds(60), pruningLimit: Int = 500,
            pruningSteps: Int = 1000, revisit: Duration = .seconds(3600), pause: Duration = .seconds(10),
            jumpHold: Duration = .seconds(3600),
            reclaim: SpaceReclaim = SpaceReclaim()
        ) {
            self.rescue = rescue
            self.pruning = pruning
            self.pruningLimit = pruningLimit
            self.pruningSteps = pruningSteps
            self.revisit = revisit
            self.pause = pause
            self.jumpHold = jumpHold
            self.reclaim = reclaim
        }
    }

    private let queue: any QueueWriter
    private let clock: any HubClock
    private let retention: Mutex<Retention>
    private let policy: RetryPolicy
    private let pace: Pace
    private let notices: any NoticePosting
    private let logger: Logger
    private let watch: MaintenanceWatch

    /// - Parameters:
    ///   - queue: The queue to look after.
    ///   - clock: Its wall clock says what is old; its monotonic one sets the pace.
    ///   - retention: How long what is over is kept.
    ///   - policy: When a run or an output that keeps losing its lease dies.
    ///   - pace: How often, and how much at once.
    ///   - notices: Where it is told what gave up, or waits for a human, because its lease was lost.
    ///   - logger: Where a rescue and a failure are told.
    package init(
        queue: any QueueWriter, clock: any HubClock, retention: Retention, policy: RetryPolicy = RetryPolicy(),
        pace: Pace = Pace(), notices: any NoticePosting = SilentNotices(), logger: Logger
    ) {
        self.queue = queue
        self.clock = clock
        self.retention = Mutex(retention)
        self.policy = policy
        self.pace = pace
        self.notices = notices
        self.logger = logger
        watch = MaintenanceWatch(clock: clock, pace: pace)
    }

    /// Keeps what is over for another time from the next round of deleting on, which looks at everything.
    package func replace(_ retention: Retention) {
        self.retention.withLock { $0 = retention }
        watch.revisitNext()
    }

    /// Runs until graceful shutdown. The first rescue comes at once: it returns what an earlier boot held.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.repeating(every: self.pace.rescue, "rescue", self.rescue) }
                group.addTask { await self.repeating(every: self.pace.pruning, "pruning", self.prune) }
            }
        }
    }

    private func repeating(
        every interval: Duration, _ name: String, _ step: @Sendable () async throws -> Void
    ) async {
        while !Task.isCancelled {
            do {
                try await step()
            } catch let error as QueueError where error.code == .closed {
                return
            } catch {
                // The next time may go well: a full disk has room again, a busy queue has drained.
                logger.warning("queue maintenance failed", metadata: ["task": "\(name)", "error": "\(error)"])
            }
            do { try await clock.sleep(for: interval) } catch { return }
        }
    }

    private func rescue() async throws {
        let sight = watch.look()
        if let jump = sight.jump {
            logger.warning(
                "the wall clock was moved; nothing is deleted for a while",
                metadata: ["by_seconds": "\(jump.milliseconds / 1000)", "now": "\(clock.now())"])
        }
        if sight.isFirst || sight.jump != nil { try await recall(back: max(.zero - (sight.jump ?? .zero), .zero)) }
        if sight.stoodStill {
            logger.warning("the hub stood still; leases are looked at when their holders have had their turn")
            return
        }
        while true {
            let report = try await queue.rescue(LeaseRescue(policy: policy))
            if report.runs + report.outputs > 0 {
                logger.notice(
                    "lost leases returned",
                    metadata: [
                        "runs": "\(report.runs)", "outputs": "\(report.outputs)",
                        "unknown_effects": "\(report.unknownEffects)",
                    ])
            }
            for notice in report.notices { await notices.post(notice) }
            guard report.hasMore, !Task.isCancelled else { return }
        }
    }

    /// Brings back what was put off while the clock was ahead.
    ///
    /// - Parameter back: How far it was put back just now; zero when that is not known.
    private func recall(back: Duration) async throws {
        var count = 0
        while true {
            let report = try await queue.recall(
                Recall(dueAfter: clock.now() + RetryPolicy.longestDelay, back: back))
            count += report.count
            guard report.hasMore, !Task.isCancelled else { break }
        }
        if count > 0 {
            logger.notice("work that a wrong clock had put off was brought back", metadata: ["count": "\(count)"])
        }
    }

    private func prune() async throws {
        guard !watch.holdsPruning else { return }
        var events = 0
        for _ in 0..<max(pace.pruningSteps, 1) {
            let began = clock.monotonic()
            let report = try await queue.prune(pruning(at: clock.now()))
            events += report.events
            if !report.hasMore { watch.endPass() }
            guard report.hasMore, !Task.isCancelled else { break }
            // Those who wait beside it get the writer for as long as it had it.
            try await clock.sleep(for: clock.monotonic() - began)
        }
        if events > 0 { logger.info("old events deleted", metadata: ["events": "\(events)"]) }
        for _ in 0..<max(pace.pruningSteps, 1) {
            let began = clock.monotonic()
            guard try await queue.reclaim(pace.reclaim).hasMore, !Task.isCancelled else { break }
            try await clock.sleep(for: clock.monotonic() - began)
        }
    }

    private func pruning(at now: Timestamp) -> Pruning {
        let retention = retention.withLock { $0 }
        return Pruning(
            before: now - retention.events, deadBefore: now - retention.deadLetters, keep: retention.bytes,
            sources: retention.sources.mapValues { Pruning.Source(before: $0.age.map { now - $0 }, keep: $0.keep) },
            revisits: watch.revisits, limit: pace.pruningLimit)
    }
}
