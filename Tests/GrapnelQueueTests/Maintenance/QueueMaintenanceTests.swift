import GrapnelCore
import GrapnelQueue
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@Suite struct QueueMaintenanceTests {
    /// Runs `body` beside the service, and ends that.
    private func withMaintenance(
        _ bench: Bench, notices: any NoticePosting = SilentNotices(), _ body: () async throws -> Void
    ) async throws {
        try await withMaintenance(bench, notices: notices) { _ in try await body() }
    }

    private func withMaintenance(
        _ bench: Bench, notices: any NoticePosting = SilentNotices(),
        _ body: (QueueMaintenance) async throws -> Void
    ) async throws {
        let logger = Logger(label: "maintenance") { _ in SwiftLogNoOpLogHandler() }
        let maintenance = QueueMaintenance(
            queue: bench.queue, clock: bench.clock, retention: Retention(events: .seconds(3600)), notices: notices,
            logger: logger)
        let group = ServiceGroup(services: [maintenance], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body(maintenance)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Waits until both loops sleep.
    private func settled(_ bench: Bench) async throws {
        try await Patience.until { bench.clock.sleeperCount >= 2 }
    }

    @Test func `what an earlier boot held is returned at once`() async throws {
        let first = try await Bench(try SQLiteStore())
        let run = try await first.leasedRun()
        let bench = try await first.restarted()
        try await withMaintenance(bench) { () async throws in
            try await settled(bench)
            #expect(try await bench.claimRuns().map(\.run.id) == [run.run.id])
        }
        await bench.store.close(bench.queue)
    }

    @Test func `an output that a restart leaves to a human is told`() async throws {
        let first = try await Bench(try SQLiteStore())
        let (run, output) = try await first.leasedOutput(.atMostOnce)
        let bench = try await first.restarted()
        let notices = RecordingNotices()
        try await withMaintenance(bench, notices: notices) { () async throws in
            try await settled(bench)
            let notice = try #require(notices.posted.first)
            #expect(notice.kind == .parkedEffect)
            #expect(notice.subject == run.run.recipe)
            #expect(notice.details["event"]?["id"]?.string == run.event.id.description)
            #expect(notice.details["effect"]?["id"]?.string == output.effect.id.description)
            #expect(notices.posted.count == 1)
        }
        await bench.store.close(bench.queue)
    }

    @Test func `a lease that runs out is noticed by the next look`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let run = try await bench.leasedRun()
        try await withMaintenance(bench) { () async throws in
            for _ in 0..<6 {
                try await settled(bench)
                #expect(try await bench.run(run.run.id).state == .leased)
                bench.clock.advance(by: .seconds(5))
            }
            try await settled(bench)
            #expect(try await bench.run(run.run.id).state == .ready)
        }
        await bench.store.close(bench.queue)
    }

    @Test func `a run waits as much less as the clock was put back`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let start = bench.clock.now()
        try await withMaintenance(bench) { () async throws in
            try await settled(bench)
            bench.clock.setWallClock(start + .seconds(7 * 86_400))
            bench.clock.advance(by: .seconds(5))
            try await settled(bench)
            let run = try await bench.accept(RunFlow(delay: .seconds(3600))).run
            bench.clock.advance(by: .seconds(60))
            try await settled(bench)
            bench.clock.setWallClock(start + .seconds(65))
            bench.clock.advance(by: .seconds(5))
            try await settled(bench)
            // The hour began 5 s after the start.
            #expect(try await bench.run(run).dueAt == start + .seconds(3605))
        }
        await bench.store.close(bench.queue)
    }

    @Test func `events older than the retention are deleted`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let old = bench.accepted()
        _ = try await bench.queue.accept(old)
        bench.clock.advance(by: .seconds(3000))
        let young = bench.accepted()
        _ = try await bench.queue.accept(young)
        try await withMaintenance(bench) { () async throws in
            try await settled(bench)
            #expect(try await bench.queue.event(old.events[0].event.id) != nil)
            bench.clock.advance(by: .seconds(900))
            try await settled(bench)
            #expect(try await bench.queue.event(old.events[0].event.id) == nil)
            #expect(try await bench.queue.event(young.events[0].event.id) != nil)
        }
        await bench.store.close(bench.queue)
    }

    @Test func `another retention counts from the next round on`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let (crm, mail) = (bench.accepted(), bench.accepted(source: "mail"))
        for accepted in [crm, mail] { _ = try await bench.queue.accept(accepted) }
        func isThere(_ accepted: AcceptedRequest) async throws -> Bool {
            try await bench.queue.event(accepted.events[0].event.id) != nil
        }
        bench.clock.advance(by: .seconds(1800))
        try await withMaintenance(bench) { (maintenance: QueueMaintenance) async throws in
            try await settled(bench)
            #expect(try await isThere(crm))
            maintenance.replace(
                Retention(events: .seconds(1200), sources: ["mail": SourceRetention(age: .seconds(7200))]))
            bench.clock.advance(by: .seconds(60))
            try await settled(bench)
            #expect(try await !isThere(crm))
            #expect(try await isThere(mail))
            // Also what an earlier round had to leave.
            let kept = try await bench.leasedRun()
            _ = try await bench.finish(kept, .die(.exhausted), failure: AttemptFailure(.threw, "no"))
            maintenance.replace(Retention(events: .seconds(1200), deadLetters: .seconds(86_400)))
            for _ in 0..<21 {
                bench.clock.advance(by: .seconds(60))
                try await settled(bench)
            }
            #expect(try await bench.queue.run(kept.run.id) != nil)
            maintenance.replace(Retention(events: .seconds(1200)))
            bench.clock.advance(by: .seconds(60))
            try await settled(bench)
            #expect(try await bench.queue.run(kept.run.id) == nil)
        }
        await bench.store.close(bench.queue)
    }

    @Test func `what could not be deleted is looked at again every hour`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let run = try await bench.leasedRun()
        _ = try await bench.finish(run, .park(.unknownEffect))
        bench.clock.advance(by: .seconds(4000))
        try await withMaintenance(bench) { () async throws in
            try await settled(bench)
            _ = try await bench.queue.cancel(Cancellation(runs: [run.run.id]))
            for _ in 0..<59 {
                bench.clock.advance(by: .seconds(60))
                try await settled(bench)
            }
            #expect(try await bench.queue.run(run.run.id) != nil)
            bench.clock.advance(by: .seconds(60))
            try await settled(bench)
            #expect(try await bench.queue.run(run.run.id) == nil)
        }
        await bench.store.close(bench.queue)
    }

    @Test func `after the hub stood still, who holds leases has a turn before they are looked at`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let run = try await bench.leasedRun()
        let forgotten = try await bench.leasedRun("other")
        try await withMaintenance(bench) { () async throws in
            try await settled(bench)
            // Stopped and continued: both clocks have gone on.
            bench.clock.advance(by: .seconds(300))
            try await settled(bench)
            #expect(try await bench.run(run.run.id).state == .leased)
            let lost = try await bench.queue.extendLeases(
                LeaseExtension(runs: [run.run.id: run.fence], outputs: [:], lease: .seconds(30)))
            #expect(lost == LostLeases())
            bench.clock.advance(by: .seconds(5))
            try await settled(bench)
            #expect(try await bench.run(run.run.id).state == .leased)
            #expect(try await bench.run(forgotten.run.id).state == .ready)
            // The one that was given to somebody else can be ended by that one only.
            let second = try #require(try await bench.claimRuns().first)
            #expect(try await bench.finish(forgotten) == .fenced)
            #expect(try await bench.finish(second) == .finished(leased: []))
            #expect(try await bench.finish(run) == .finished(leased: []))
        }
        await bench.store.close(bench.queue)
    }

    @Test(arguments: [3600, 400 * 86_400]) func `nothing is deleted for an hour after the clock was moved ahead`(
        seconds: Int
    ) async throws {
        let bench = try await Bench(try SQLiteStore())
        let event = bench.accepted("{}", delivery: "d1")
        _ = try await bench.queue.accept(event)
        let right = bench.clock.now()
        try await withMaintenance(bench) { () async throws in
            try await settled(bench)
            bench.clock.setWallClock(right + .seconds(seconds))
            for _ in 0..<59 {
                bench.clock.advance(by: .seconds(60))
                try await settled(bench)
            }
            #expect(try await bench.queue.event(event.events[0].event.id) != nil)
            // Nobody has set it back: it is right.
            for _ in 0..<3 {
                bench.clock.advance(by: .seconds(60))
                try await settled(bench)
            }
            #expect(try await bench.queue.event(event.events[0].event.id) == nil)
        }
        await bench.store.close(bench.queue)
    }

    @Test func `a retry that a wrong clock has put off is due when the clock is set back`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let right = bench.clock.now()
        try await withMaintenance(bench) { () async throws in
            try await settled(bench)
            bench.clock.setWallClock(right + .seconds(400 * 86_400))
            let run = try await bench.leasedRun()
            let failure = AttemptFailure(.threw, "it failed")
            _ = try await bench.finish(run, .retry(at: bench.clock.now() + .seconds(5)), failure: failure)
            bench.clock.advance(by: .seconds(5))
            try await settled(bench)
            bench.clock.setWallClock(right)
            bench.clock.advance(by: .seconds(5))
            try await settled(bench)
            #expect(try await bench.claimRuns().map(\.run.id) == [run.run.id])
        }
        await bench.store.close(bench.queue)
    }

    @Test func `a queue that is closed ends it`() async throws {
        let bench = try await Bench(try SQLiteStore())
        await bench.store.close(bench.queue)
        let logger = Logger(label: "maintenance") { _ in SwiftLogNoOpLogHandler() }
        try await QueueMaintenance(
            queue: bench.queue, clock: bench.clock, retention: Retention(events: .seconds(3600)), logger: logger
        ).run()
    }
}
