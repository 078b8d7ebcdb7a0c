import FoundationEssentials
import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

@Suite struct ErasureTests {
    private static let canaries = ["ada@example.com", "ada%40example.com"]

    /// The files of a queue in which the value stands.
    private static func files(_ store: SQLiteStore) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: store.directory.path)
        return try names.filter { name in
            let text = String(decoding: try Data(contentsOf: URL(filePath: store.directory.file(name))), as: UTF8.self)
            return canaries.contains { text.lowercased().contains($0) }
        }.sorted()
    }

    @Test func `no byte of what was erased is left in the log, nor in the database once it was written anew`()
        async throws
    {
        let bench = try await Bench(try SQLiteStore())
        let store = try #require(bench.store as? SQLiteStore)
        for index in 0..<40 {
            _ = try await QueueConformance.personalRun(bench, delivery: "d-\(index)-ada@example.com")
            _ = try await bench.finish(try await bench.leasedRun(body: String(repeating: "\(index)", count: 900)))
        }
        #expect(try ErasureTests.files(store).contains("grapnel.db-wal"))
        let pattern = try #require(ErasurePattern("ada@example.com"))
        var place: ErasurePlace? = .start
        let id = bench.ids.next(AuditRecord.self)
        while let here = place {
            let findings = try await bench.queue.findErasable(ErasureScan(pattern: pattern, place: here, limit: 7))
            place = findings.next
            _ = try await bench.queue.erase(
                Erasure(
                    id: id, pattern: pattern, findings: findings, actor: "a test", subject: "s", isLast: place == nil))
        }
        // The log is emptied behind the last commit; the next write waits for that.
        _ = try await bench.queue.accept(bench.accepted())
        #expect(try !ErasureTests.files(store).contains("grapnel.db-wal"))
        await bench.store.close(bench.queue)
        // SQLite zeroes what is deleted, but not what it left behind when it moved rows to other pages.
        _ = try DatabaseCompaction.run(store.path, holder: "a test")
        #expect(try ErasureTests.files(store).isEmpty)
        #expect(try DatabaseInspection.damage(of: store.path).isEmpty)
    }

    @Test func `no byte of what retention deleted is left once the log went into the database`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let store = try #require(bench.store as? SQLiteStore)
        for index in 0..<40 {
            _ = try await bench.finish(try await bench.leasedRun(body: "{\"n\":\(index),\"to\":\"ada@example.com\"}"))
        }
        bench.clock.advance(by: .seconds(60))
        while try await bench.queue.prune(Pruning(before: bench.clock.now())).hasMore {}
        while try await bench.queue.reclaim(SpaceReclaim(spare: .bytes(0))).hasMore {}
        await bench.store.close(bench.queue)
        #expect(try ErasureTests.files(store).isEmpty)
    }

    @Test func `every column that may hold what a person wrote is searched, or exempt for a reason`() async throws {
        let store = try SQLiteStore()
        let queue = try await store.openQueue(clock: ManualClock())
        #expect(try await queue.unsearchedColumns() == [])
        await queue.close()
    }
}
