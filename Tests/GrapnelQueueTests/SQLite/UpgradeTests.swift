import FoundationEssentials
import GRDB
import GrapnelCore
import GrapnelQueue
import Synchronization
import TestSupport
import Testing

@Suite struct UpgradeTests {
    /// A database that the first version made, with all kinds of rows.
    private static func early() throws -> SQLiteStore {
        let store = try SQLiteStore()
        let database = try DatabaseQueue(path: store.path)
        try database.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA application_id = 0x4772706E")
            try database.execute(sql: Checkout.text("Tests/GrapnelQueueTests/Golden/0001.sql"))
        }
        try database.close()
        return store
    }

    private static func copies(_ store: SQLiteStore) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: store.directory.path)
            .filter { $0.contains(".before-") }.sorted()
    }

    /// Reads what the golden file holds as a hub would, and goes on with it.
    private static func check(_ queue: SQLiteQueue, _ clock: ManualClock) async throws {
        let events = try await queue.events(EventQuery(limit: 100))
        #expect(events.count == 6)
        #expect(try await queue.requests(RequestQuery(limit: 100)).count == 6)
        #expect(try await queue.rejections(RequestQuery()).count == 1)
        #expect(Set(try await queue.runs(RunQuery(limit: 100)).map(\.state)) == [.ready, .leased, .succeeded, .dead])
        let effects = try await queue.effects(EffectQuery(limit: 100))
        #expect(Set(effects.map(\.effect.state)) == [.confirmed, .unknown])
        for stored in try await queue.runs(RunQuery(limit: 100)) {
            let detail = try #require(try await queue.run(stored.id))
            #expect(detail.run == stored)
        }
        #expect(try await queue.keyValue(tenant: .default, recipe: "lead", key: "seen")?.value == Array("7".utf8))
        // Work that was in flight goes on.
        #expect(try await queue.rescue(LeaseRescue()).runs == 1)
        let claimed = try await queue.claimRuns(RunClaim(limit: 10, lease: .seconds(30)))
        #expect(claimed.count == 2)
        var left = 1
        clock.advance(by: .seconds(90 * 86_400))
        while left > 0 { left = try await queue.prune(Pruning(before: clock.now())).events }
        #expect(try await queue.events(EventQuery(limit: 100)).count == 3)
    }

    @Test func `a database of the first version is upgraded, read and worked on`() async throws {
        let store = try UpgradeTests.early()
        let clock = ManualClock()
        let queue = try await store.openQueue(clock: clock)
        try await UpgradeTests.check(queue, clock)
        await queue.close()
        #expect(try DatabaseInspection.damage(of: store.path).isEmpty)
    }

    @Test func `what ticks were remembered by goes whose events have gone`() async throws {
        let store = try UpgradeTests.early()
        let database = try DatabaseQueue(path: store.path)
        try await database.write { database in
            func remember(_ source: String, _ event: String) throws {
                try database.execute(
                    sql: "INSERT INTO dedupe SELECT 'default', ?, hex(\(event)), \(event), x'00', \(Int64.max)",
                    arguments: [source])
            }
            try remember("schedule:lead", "(SELECT id FROM event LIMIT 1)")
            for source in ["schedule:lead", "schedule:", "recipe:lead", "schedules", "crm"] {
                try remember(source, "zeroblob(16)")
            }
        }
        try database.close()
        await (try await store.openQueue(clock: ManualClock())).close()
        let upgraded = try DatabaseQueue(path: store.path)
        let left = try await upgraded.read {
            try String.fetchAll($0, sql: "SELECT source FROM dedupe WHERE fingerprint = x'00' ORDER BY source")
        }
        #expect(left == ["crm", "recipe:lead", "schedule:lead", "schedules"])
        try upgraded.close()
    }

    @Test func `a copy is made before an upgrade, opens as it was, and two are kept`() async throws {
        let clock = ManualClock()
        let store = try UpgradeTests.early()
        for name in ["grapnel.db.before-0000-20250101T000000Z", "grapnel.db.before-0000-20250102T000000Z"] {
            try Data("an older copy".utf8).write(to: URL(filePath: store.directory.file(name)))
        }
        await (try await store.openQueue(clock: clock)).close()
        let copies = try UpgradeTests.copies(store)
        #expect(
            copies == ["grapnel.db.before-0000-20250102T000000Z", "grapnel.db.before-0001-20260105T090000Z"])
        let facts = try DatabaseInspection.facts(of: store.directory.file(try #require(copies.last)))
        #expect(facts.schema == ["0001 requests, events, runs, effects"])
        #expect(facts.events == 6)
        // What is up to date is not copied.
        clock.advance(by: .seconds(60))
        await (try await store.openQueue(clock: clock)).close()
        #expect(try UpgradeTests.copies(store) == copies)
    }

    @Test func `a new database is not copied`() async throws {
        let store = try SQLiteStore()
        await (try await store.openQueue(clock: ManualClock())).close()
        #expect(try UpgradeTests.copies(store).isEmpty)
    }

    @Test func `without room for the copy the upgrade does not begin`() throws {
        let store = try UpgradeTests.early()
        let error = #expect(throws: QueueError.self) {
            try UpgradeCopy.make(
                of: store.path, schema: "0001 first", size: 100 << 20, free: 100 << 20, now: ManualClock().now())
        }
        #expect(error?.code == .storage)
        #expect(error?.message.contains("nothing was changed") == true)
        #expect(try UpgradeTests.copies(store).isEmpty)
    }

    @Test func `an upgrade that is killed at any statement leaves a database that opens`() async throws {
        let store = try UpgradeTests.early()
        let images = Mutex<[SQLiteStore]>([])
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            database.trace { _ in
                // What a kill leaves behind at this moment: the files as they are.
                guard let image = try? SQLiteStore() else { return }
                for suffix in ["", "-wal"] {
                    try? FileManager.default.copyItem(atPath: store.path + suffix, toPath: image.path + suffix)
                }
                images.withLock { $0.append(image) }
            }
        }
        let pool = try DatabasePool(path: store.path, configuration: configuration)
        try Migrations.migrator.migrate(pool)
        try pool.close()
        let all = images.withLock { $0 }
        #expect(all.count > 10)
        for image in all {
            let clock = ManualClock()
            let queue = try await image.openQueue(clock: clock)
            try await UpgradeTests.check(queue, clock)
            await queue.close()
        }
    }

    @Test func `checkpoints of another program are refused where SQLite is not safe for them`() async throws {
        #expect(throws: Never.self) { try CheckpointOwner.own.check(version: 3_040_001) }
        #expect(throws: Never.self) { try CheckpointOwner.external.check(version: 3_051_003) }
        let error = #expect(throws: QueueError.self) { try CheckpointOwner.external.check(version: 3_051_002) }
        #expect(error?.message.contains("3.51.2") == true)
        #expect(error?.message.contains("3.51.3 or newer") == true)
    }
}
