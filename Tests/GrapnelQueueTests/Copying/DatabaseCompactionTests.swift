import FoundationEssentials
import GRDB
import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

@Suite struct DatabaseCompactionTests {
    private static func size(_ store: SQLiteStore) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: store.path)[.size] as? Int)
    }

    /// Fills a queue with a few megabytes and deletes most of them.
    private static func emptied(_ bench: Bench) async throws {
        for _ in 0..<300 { _ = try await bench.queue.accept(bench.accepted(String(repeating: "x", count: 10_000))) }
        bench.clock.advance(by: .seconds(60))
        _ = try await bench.queue.accept(bench.accepted("{\"kept\":true}"))
        while try await bench.queue.prune(Pruning(before: bench.clock.now())).hasMore {}
    }

    @Test func `space that is free goes back to the disk in small steps, but for what will be used again`() async throws
    {
        let bench = try await Bench(try SQLiteStore())
        let store = try #require(bench.store as? SQLiteStore)
        try await DatabaseCompactionTests.emptied(bench)
        let reclaim = SpaceReclaim(spare: .kibibytes(400), pages: 100)
        var (steps, freed) = (0, 0)
        while true {
            let report = try await bench.queue.reclaim(reclaim)
            #expect(report.freed <= .kibibytes(400))
            freed += report.freed.bytes
            steps += 1
            guard report.hasMore else { break }
        }
        #expect(steps > 5)
        #expect(freed > 2_000_000)
        #expect(try await bench.queue.reclaim(reclaim) == SpaceReport(freed: .bytes(0), hasMore: false))
        await bench.store.close(bench.queue)
        #expect(try (400_000...1_500_000).contains(DatabaseCompactionTests.size(store)))
    }

    @Test func `a database of an early version gives space back once it was written anew`() async throws {
        let store = try SQLiteStore()
        let early = try DatabaseQueue(path: store.path)
        try await early.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA auto_vacuum = NONE")
            try database.execute(sql: "PRAGMA application_id = 0x4772706E")
        }
        try Migrations.migrator.migrate(early)
        try early.close()
        let bench = try await Bench(store)
        try await DatabaseCompactionTests.emptied(bench)
        #expect(try await bench.queue.reclaim(SpaceReclaim(spare: .bytes(0))).freed == .bytes(0))
        #expect(throws: QueueError.self) { _ = try DatabaseCompaction.run(store.path, holder: "a test") }
        await bench.store.close(bench.queue)
        let whole = try DatabaseCompactionTests.size(store)
        let (before, after) = try DatabaseCompaction.run(store.path, holder: "a test")
        #expect(before.bytes == whole)
        #expect(after.bytes < whole / 4)
        #expect(try after.bytes == DatabaseCompactionTests.size(store))
        let next = try await bench.restarted()
        #expect(try await next.queue.events(EventQuery()).count == 1)
        try await DatabaseCompactionTests.emptied(next)
        #expect(try await next.queue.reclaim(SpaceReclaim(spare: .bytes(0))).freed > .bytes(0))
        await next.store.close(next.queue)
    }
}
