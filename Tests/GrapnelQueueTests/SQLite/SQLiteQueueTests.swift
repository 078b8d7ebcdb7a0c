import FoundationEssentials
import GRDB
import GrapnelCore
import GrapnelQueue
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@Suite struct SQLiteQueueTests {
    @Test func `commits are synced before they are answered`() async throws {
        let queue = try await SQLiteStore().openQueue(clock: ManualClock())
        #expect(try await queue.synchronousLevel() == 2)
        await queue.close()
    }

    @Test func `a second hub on the same file is refused, by a message that names the lock`() async throws {
        let store = try SQLiteStore()
        let first = try await store.openQueue(clock: ManualClock())
        let error = await #expect(throws: QueueError.self) { _ = try await store.openQueue(clock: ManualClock()) }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("grapnel.db.lock") == true)
        #expect(error?.message.contains("node test") == true)
        await first.close()
        let second = try await store.openQueue(clock: ManualClock())
        #expect(second.bootEpoch == first.bootEpoch + 1)
        await second.close()
    }

    @Test func `due work is found by searching partial indexes only`() async throws {
        let bench = try await Bench(try SQLiteStore())
        for _ in 0..<50 { _ = try await bench.queue.accept(bench.accepted(recipes: ["lead"])) }
        let queue = try #require(bench.queue as? SQLiteQueue)
        let plan = try await queue.claimPlan()
        #expect(plan.count == 4)
        for line in plan {
            #expect(line.hasPrefix("SEARCH"))
            #expect(line.contains("run_due") || line.contains("outcome_due"))
            #expect(line.contains("COVERING INDEX"))
        }
        await queue.close()
    }

    @Test func `a run's place in its line is found by searching partial indexes only`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let queue = try #require(bench.queue as? SQLiteQueue)
        let plan = try await queue.lanePlan()
        #expect(plan.filter { $0.contains("SCAN") }.count == 2, "the two that count what a search has found")
        let searches = plan.filter { $0.hasPrefix("SEARCH") }
        #expect(searches.count == 7)
        let indexes = ["run_in_lane", "run_in_slot", "outcome_in_lane"]
        for line in searches { #expect(indexes.contains { line.contains($0) }, "\(line)") }
        #expect(!plan.contains { $0.contains("TEMP B-TREE") })
        await queue.close()
    }

    @Test func `of a line of thousands one run is due at a time`() async throws {
        let bench = try await Bench(try SQLiteStore())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { for _ in 0..<250 { try await bench.accept(RunFlow(lane: .init(key: "held"))) } }
            }
            try await group.waitForAll()
        }
        for _ in 0..<20 {
            let runs = try await bench.claimRuns(64)
            #expect(runs.count == 1)
            _ = try await bench.finish(try #require(runs.first))
        }
        #expect(try await bench.queue.counts().runs[.scheduled] == 4979)
        await bench.store.close(bench.queue)
    }

    @Test func `of a line of thousands of outputs one is due at a time`() async throws {
        let bench = try await Bench(try SQLiteStore())
        for _ in 0..<30 {
            let run = try await bench.leasedRun()
            _ = try await bench.finish(run, outputs: (0..<100).map { bench.intent("s\($0)", lane: "held") })
        }
        for _ in 0..<20 {
            let outputs = try await bench.claimOutputs(64)
            #expect(outputs.count == 1)
            #expect(try await bench.finish(try #require(outputs.first), .succeed, .confirmed))
        }
        #expect(try await bench.queue.counts().outputs[.scheduled] == 2979)
        await bench.store.close(bench.queue)
    }

    @Test func `a database of a newer version is refused`() async throws {
        let store = try SQLiteStore()
        await (try await store.openQueue(clock: ManualClock())).close()
        let database = try DatabaseQueue(path: store.path)
        try await database.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999 from the future')") }
        try database.close()
        let error = await #expect(throws: QueueError.self) { _ = try await store.openQueue(clock: ManualClock()) }
        #expect(error?.code == .unusable)
        #expect(error?.message.contains("newer version") == true)
    }

    @Test func `a database of somebody else is refused and left alone`() async throws {
        let store = try SQLiteStore()
        let database = try DatabaseQueue(path: store.path)
        try await database.write { try $0.execute(sql: "CREATE TABLE theirs (x)") }
        try database.close()
        let error = await #expect(throws: QueueError.self) { _ = try await store.openQueue(clock: ManualClock()) }
        #expect(error?.code == .unusable)
        let after = try DatabaseQueue(path: store.path)
        #expect(try await after.read { try $0.tableExists("event") } == false)
        try after.close()
    }

    @Test func `a file that is no database is refused`() async throws {
        let store = try SQLiteStore()
        try Data(repeating: 0x5A, count: 8192).write(to: URL(filePath: store.path))
        let error = await #expect(throws: QueueError.self) { _ = try await store.openQueue(clock: ManualClock()) }
        #expect(error?.code == .unusable)
    }

    @Test func `a directory that is not there is named`() async throws {
        let clock = ManualClock()
        let error = await #expect(throws: QueueError.self) {
            _ = try await SQLiteQueue.open(
                path: "/nowhere/at/all/grapnel.db", clock: clock,
                ids: IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 1)), node: "test",
                logger: Logger(label: "queue") { _ in SwiftLogNoOpLogHandler() })
        }
        #expect(error?.code == .storage)
        #expect(error?.message.contains("/nowhere/at/all") == true)
    }

    @Test func `what was answered is in the files before the hub stops`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let store = try #require(bench.store as? SQLiteStore)
        let accepted = bench.accepted("{\"kept\":true}", recipes: ["lead"], startNow: true)
        let run = try #require(try await bench.queue.accept(accepted).leased.first)
        // What a crash leaves behind: the files as they are, without a close.
        let crashed = try SQLiteStore()
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: store.path + suffix, toPath: crashed.path + suffix)
        }
        let queue = try await crashed.openQueue(clock: bench.clock)
        #expect(try await queue.event(accepted.events[0].event.id)?.event == accepted.events[0].event)
        #expect(try await queue.rescue(LeaseRescue()).runs == 1)
        let claimed = try await queue.claimRuns(RunClaim(limit: 1, lease: .seconds(30)))
        #expect(claimed.map(\.run.id) == [run.run.id])
        await queue.close()
        await bench.store.close(bench.queue)
    }

    @Test func `a full disk refuses writes, and room makes them possible again without a restart`() async throws {
        let bench = try await Bench(try SQLiteStore(), limits: QueueLimits(databaseSize: .kibibytes(512)))
        var stored = 0
        var refusal: QueueError?
        while refusal == nil, stored < 1000 {
            do {
                _ = try await bench.queue.accept(bench.accepted(String(repeating: "x", count: 2000)))
                stored += 1
            } catch {
                refusal = error as? QueueError
            }
        }
        #expect(refusal?.code == .storage)
        #expect(stored > 10)
        #expect(try await bench.queue.counts().events == stored)
        bench.clock.advance(by: .seconds(10))
        #expect(try await bench.queue.prune(Pruning(before: bench.clock.now(), limit: 50)).events > 0)
        let after = try await bench.queue.accept(bench.accepted(String(repeating: "x", count: 2000)))
        #expect(after.dispositions == [.stored])
        await bench.store.close(bench.queue)
    }

    @Test func `reading a closed queue says that the hub is shutting down`() async throws {
        let queue = try await SQLiteStore().openQueue(clock: ManualClock())
        await queue.close()
        let error = await #expect(throws: QueueError.self) { _ = try await queue.counts() }
        #expect(error?.code == .closed)
        var heard = 0
        for await _ in queue.readiness() { heard += 1 }
        #expect(heard == 0)
    }

    @Test func `a graceful shutdown writes what waits and closes the database`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let queue = try #require(bench.queue as? SQLiteQueue)
        let group = ServiceGroup(services: [queue], logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let accepted = bench.accepted()
            _ = try await queue.accept(accepted)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            await bench.expect(.closed) { _ = try await queue.accept(bench.accepted()) }
            let next = try await bench.restarted()
            #expect(try await next.queue.event(accepted.events[0].event.id) != nil)
            await next.store.close(next.queue)
        }
    }

    @Test func `identities out of order page as their commits do`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let first = bench.accepted()
        let second = bench.accepted()
        _ = try await bench.queue.accept(second)
        _ = try await bench.queue.accept(first)
        let ids = [first.events[0].event.id, second.events[0].event.id]
        #expect(try await bench.queue.events(EventQuery(limit: 1)).map(\.event.id) == [ids[0]])
        #expect(try await bench.queue.events(EventQuery(before: ids[0])).map(\.event.id) == [ids[1]])
        await bench.store.close(bench.queue)
    }
}
