import FoundationEssentials
import GRDB
import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

@Suite struct DatabaseCopyTests {
    private struct Stopped: Error {}

    @Test func `a copy of a queue in use is sound, and holds all that was answered before it began`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let store = try #require(bench.store as? SQLiteStore)
        let writing = Task {
            var stored = 0
            while !Task.isCancelled {
                _ = try await bench.queue.accept(bench.accepted(String(repeating: "x", count: 3000), recipes: ["lead"]))
                stored += 1
            }
            return stored
        }
        for round in 0..<5 {
            try await Patience.until { try await bench.queue.counts().events >= (round + 1) * 100 }
            let before = try await bench.queue.counts().events
            let target = store.directory.file("copy-\(round).db")
            try DatabaseCopy.make(of: store.path, at: target)
            let facts = try DatabaseInspection.facts(of: target)
            #expect(facts.events >= before)
            #expect(facts.events == facts.runs)
            #expect(try DatabaseInspection.damage(of: target).isEmpty)
            #expect(facts.unknownSchema.isEmpty)
        }
        writing.cancel()
        #expect(try await writing.value > 500)
        await bench.store.close(bench.queue)
    }

    @Test func `a copy is of one moment, whatever is written while it is made`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let store = try #require(bench.store as? SQLiteStore)
        for _ in 0..<400 {
            _ = try await bench.queue.accept(bench.accepted(String(repeating: "x", count: 30_000)))
        }
        let other = try DatabaseQueue(path: store.path)
        let target = store.directory.file("copy.db")
        var steps = 0
        try DatabaseCopy.make(of: store.path, at: target) { _, _ in
            steps += 1
            // Changes pages that were copied already and such as will be.
            try other.write { try $0.execute(sql: "UPDATE event SET type = 'changed.' || ?", arguments: [steps]) }
        }
        #expect(steps > 2)
        #expect(try DatabaseInspection.damage(of: target).isEmpty)
        let copy = try DatabaseQueue(path: target)
        #expect(
            try await copy.read { try String.fetchAll($0, sql: "SELECT DISTINCT type FROM event") } == [
                "contact.creation"
            ])
        try copy.close()
        try other.close()
        await bench.store.close(bench.queue)
    }

    @Test func `a copy that is broken off leaves no file`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let store = try #require(bench.store as? SQLiteStore)
        let target = store.directory.file("copy.db")
        #expect(throws: Stopped.self) {
            try DatabaseCopy.make(of: store.path, at: target) { _, _ in throw Stopped() }
        }
        #expect(!FileManager.default.fileExists(atPath: target))
        #expect(throws: QueueError.self) {
            try DatabaseCopy.make(of: store.directory.file("nothing.db"), at: target)
        }
        await bench.store.close(bench.queue)
    }

    @Test func `what is no database of a hub, and what is damaged, is told`() async throws {
        let bench = try await Bench(try SQLiteStore())
        let store = try #require(bench.store as? SQLiteStore)
        for _ in 0..<50 { _ = try await bench.queue.accept(bench.accepted(String(repeating: "x", count: 3000))) }
        await bench.store.close(bench.queue)
        var bytes = try Data(contentsOf: URL(filePath: store.path))
        for index in 4096 * 20..<4096 * 22 { bytes[index] = 0x5A }
        let damaged = store.directory.file("damaged.db")
        try bytes.write(to: URL(filePath: damaged))
        #expect(try !DatabaseInspection.damage(of: damaged).isEmpty)
        let other = store.directory.file("other.db")
        let database = try DatabaseQueue(path: other)
        try await database.write { try $0.execute(sql: "CREATE TABLE theirs (x)") }
        try database.close()
        #expect(throws: QueueError.self) { _ = try DatabaseInspection.facts(of: other) }
    }
}
