import FoundationEssentials
import GRDB
import Glibc
import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

/// What is committed, followed by somebody else while the log begins anew again and again.
@Suite struct LogFollowingTests {
    /// A log of sixteen pages begins anew every few commits.
    private static let limits = QueueLimits(logSize: .kibibytes(64))
    private static let tables = ["event", "request", "run", "meta", "counter"]

    private static func bench(_ limits: QueueLimits = limits) async throws -> (Bench, SQLiteStore) {
        let bench = try await Bench(try SQLiteStore(), limits: limits)
        return (bench, try #require(bench.store as? SQLiteStore))
    }

    private static func write(_ bench: Bench, _ count: Int, bytes: Int = 2000) async throws {
        for number in 0..<count {
            let body = "{\"n\":\(number),\"text\":\"\(String(repeating: "x", count: bytes))\"}"
            _ = try await bench.queue.accept(bench.accepted(body, recipes: ["lead"]))
        }
    }

    private static func spool(_ store: SQLiteStore) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(store.path).follow")) ?? [])
            .filter { $0.hasPrefix("log-") }.sorted()
    }

    /// Closes the hub, and compares all that there is.
    private static func expectEqual(_ replica: Replica, _ store: SQLiteStore) throws {
        for table in tables {
            let (rows, expected) = (try replica.rows(of: table), try Replica.rows(of: table, in: store.path))
            #expect(rows == expected, "\(table): \(rows.count) rows, not \(expected.count)")
            #expect(!expected.isEmpty || table == "counter")
        }
    }

    @Test(arguments: [1, 7, 40])
    func `a follower has every commit, however often the log begins anew between its looks`(
        _ commits: Int
    ) async throws {
        let (bench, store) = try await LogFollowingTests.bench()
        try await LogFollowingTests.write(bench, 20)
        let replica = try Replica(of: store)
        for _ in 0..<12 {
            try await LogFollowingTests.write(bench, commits)
            try replica.catchUp(mostFrames: 5)
        }
        #expect(replica.stretches >= 12)
        await bench.store.close(bench.queue)
        try replica.catchUp()
        try LogFollowingTests.expectEqual(replica, store)
    }

    @Test func `it goes on after the hub was closed and opened again, and while it is not there itself`() async throws {
        var (bench, store) = try await LogFollowingTests.bench()
        let replica = try Replica(of: store)
        for _ in 0..<4 {
            try await LogFollowingTests.write(bench, 15)
            bench = try await bench.restarted(limits: LogFollowingTests.limits)
            try await LogFollowingTests.write(bench, 15)
        }
        try replica.catchUp()
        try await LogFollowingTests.write(bench, 3)
        await bench.store.close(bench.queue)
        try replica.catchUp()
        try LogFollowingTests.expectEqual(replica, store)
    }

    @Test func `a log that was emptied is followed`() async throws {
        let (bench, store) = try await LogFollowingTests.bench(QueueLimits())
        let replica = try Replica(of: store)
        try await LogFollowingTests.write(bench, 10)
        let pattern = try #require(ErasurePattern("\"n\":3,"))
        let findings = try await bench.queue.findErasable(ErasureScan(pattern: pattern))
        _ = try await bench.queue.erase(
            Erasure(
                id: bench.ids.next(AuditRecord.self), pattern: pattern, findings: findings, actor: "a test",
                subject: "s", isLast: true))
        // The log is emptied behind the commit; a read of the writer waits for that.
        _ = try await (bench.queue as? SQLiteQueue)?.synchronousLevel()
        #expect(try FileManager.default.attributesOfItem(atPath: "\(store.path)-wal")[.size] as? Int == 0)
        try replica.catchUp()
        try await LogFollowingTests.write(bench, 10)
        try replica.catchUp()
        await bench.store.close(bench.queue)
        try replica.catchUp()
        try LogFollowingTests.expectEqual(replica, store)
    }

    @Test func `without a follower nothing is kept, and nothing is left`() async throws {
        let (bench, store) = try await LogFollowingTests.bench()
        try await LogFollowingTests.write(bench, 60)
        #expect(!FileManager.default.fileExists(atPath: "\(store.path).follow"))
        await bench.store.close(bench.queue)
        #expect(!FileManager.default.fileExists(atPath: "\(store.path).follow"))
    }

    @Test func `a follower that fetches nothing is dropped at the bound, and told`() async throws {
        let limits = QueueLimits(logSize: .kibibytes(64), spoolSize: .kibibytes(600))
        let (bench, store) = try await LogFollowingTests.bench(limits)
        let replica = try Replica(of: store)
        var most = 0
        for _ in 0..<60 {
            try await LogFollowingTests.write(bench, 2)
            let sizes = LogFollowingTests.spool(store).map {
                (try? FileManager.default.attributesOfItem(atPath: "\(store.path).follow/\($0)")[.size] as? Int) ?? 0
            }
            most = max(most, sizes.reduce(0, +))
        }
        #expect((300_000...600 << 10).contains(most))
        #expect(throws: LogBreak.self) {
            // It may say for a moment that it does not know yet.
            while try replica.catchUp() == false {}
        }
        #expect(try await bench.queue.counts().events == 120)
        await bench.store.close(bench.queue)
    }

    @Test func `what was kept for a follower that is gone goes after a while`() async throws {
        let (bench, store) = try await LogFollowingTests.bench()
        var replica: Replica? = try Replica(of: store)
        try await LogFollowingTests.write(bench, 20)
        try replica?.catchUp()
        replica = nil
        bench.clock.advance(by: .seconds(3000))
        try await LogFollowingTests.write(bench, 20)
        #expect(!LogFollowingTests.spool(store).isEmpty)
        bench.clock.advance(by: .seconds(3700))
        try await LogFollowingTests.write(bench, 20)
        #expect(LogFollowingTests.spool(store).isEmpty)
        await bench.store.close(bench.queue)
    }

    @Test func `a spool that cannot be written is given up, and no commit fails`() async throws {
        let (bench, store) = try await LogFollowingTests.bench()
        let replica = try Replica(of: store)
        // A folder where a file should be: it can be neither opened nor removed, so the log has to wait.
        let obstacle = "\(store.path).follow/log-000000000001"
        try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
        try await LogFollowingTests.write(bench, 60)
        #expect(try await bench.queue.counts().events == 60)
        try FileManager.default.removeItem(atPath: obstacle)
        try await LogFollowingTests.write(bench, 60)
        try replica.catchUp()
        await bench.store.close(bench.queue)
        try replica.catchUp()
        try LogFollowingTests.expectEqual(replica, store)
    }

    @Test(arguments: ["/dev/full", "/proc/self/mem"])
    func `a spool on a disk that is full or fails costs no commit, and the follower is told`(
        _ disk: String
    ) async throws {
        let (bench, store) = try await LogFollowingTests.bench()
        let replica = try Replica(of: store)
        try await LogFollowingTests.write(bench, 3)
        try replica.catchUp()
        // Every write to these fails, with ENOSPC and EIO.
        for number in 1...9 { symlink(disk, "\(store.path).follow/log-00000000000\(number)") }
        try await LogFollowingTests.write(bench, 60)
        #expect(try await bench.queue.counts().events == 63)
        #expect(throws: LogBreak.self) { while try replica.catchUp() == false {} }
        await bench.store.close(bench.queue)
    }

    /// A follower that comes after so many commits: also right after the log was moved unseen, and before it begins anew.
    @Test(arguments: 0..<8)
    func `a position that a power cut took back is not gone on from, although the next log begins right after it`(
        _ commits: Int
    ) async throws {
        let (bench, store) = try await LogFollowingTests.bench()
        try await LogFollowingTests.write(bench, 30 + commits)
        let replica = try Replica(of: store)
        var before = replica.position
        while replica.position.log == before.log {
            before = replica.position
            try await LogFollowingTests.write(bench, 1)
            // What the hub says of its log it says behind the commit.
            _ = try await (bench.queue as? SQLiteQueue)?.synchronousLevel()
            try replica.catchUp(discarding: false)
        }
        // The same frame of the same log, of which the checksum is another: so it is read as well as written.
        var parts = before.description.split(separator: " ").map(String.init)
        parts[1] = parts[1] == "00000000" ? "00000001" : "00000000"
        let lost = try #require(LogPosition(parts.joined(separator: " ")))
        #expect(throws: LogBreak.self) { _ = try replica.log.advance(from: lost) }
        guard case .stretch = try replica.log.advance(from: before) else {
            Issue.record("the position that is there is gone on from")
            return
        }
        await bench.store.close(bench.queue)
    }

    @Test func `a spool that a power cut has cut off between two commits is not taken for a whole one`() async throws {
        let (bench, store) = try await LogFollowingTests.bench()
        let replica = try Replica(of: store)
        let log = replica.position.log
        // Until the next log has begun, of which the spool has the link.
        while try replica.log.beginning()?.log == log { try await LogFollowingTests.write(bench, 1) }
        _ = try await (bench.queue as? SQLiteQueue)?.synchronousLevel()
        let path = "\(store.path).follow/\(try #require(LogFollowingTests.spool(store).dropLast().last))"
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let (header, frame) = (48, 24 + 4096)
        let commits = stride(from: header, to: bytes.count, by: frame).filter { start in
            bytes[start + 4..<start + 8] != [0, 0, 0, 0]
        }
        try #require(commits.count > 1)
        try Data(bytes[..<(commits[commits.count - 2] + frame)]).write(to: URL(filePath: path))
        #expect(throws: LogBreak.self) { while try replica.catchUp() == false {} }
        await bench.store.close(bench.queue)
    }

    @Test func `a log that somebody else has removed is not taken for one in which nothing happens`() async throws {
        let (bench, store) = try await LogFollowingTests.bench()
        let replica = try Replica(of: store)
        try await LogFollowingTests.write(bench, 10)
        try replica.catchUp()
        await bench.store.close(bench.queue)
        try replica.catchUp()
        let other = try DatabaseQueue(path: store.path)
        try await other.write { try $0.execute(sql: "UPDATE meta SET value = value") }
        try other.close()
        // The spool has all of the log, so that nothing of that is missing.
        #expect(!LogFollowingTests.spool(store).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: "\(store.path)-wal"))
        #expect(throws: LogBreak.self) { try replica.catchUp() }
    }

    @Test func `a log that somebody else has moved is not taken for a whole one`() async throws {
        let (bench, store) = try await LogFollowingTests.bench(QueueLimits())
        let replica = try Replica(of: store)
        try await LogFollowingTests.write(bench, 10)
        try replica.catchUp()
        try await LogFollowingTests.write(bench, 10)
        let other = try DatabaseQueue(path: store.path)
        try await other.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try other.close()
        try await LogFollowingTests.write(bench, 10)
        #expect(throws: LogBreak.self) { try replica.catchUp() }
        await bench.store.close(bench.queue)
    }

    @Test func `two cannot follow one hub`() async throws {
        let (bench, store) = try await LogFollowingTests.bench()
        let replica = try Replica(of: store)
        let error = #expect(throws: QueueError.self) { _ = try FollowedLog(database: store.path, holder: "another") }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("a test") == true)
        try replica.catchUp()
        await bench.store.close(bench.queue)
    }

    // MARK: Logs that are not as they should be

    /// The log of a hub with some commits, as a file beside no database.
    private static func log() async throws -> (TemporaryDirectory, [UInt8]) {
        let (bench, store) = try await bench(QueueLimits())
        try await write(bench, 12)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(store.path)-wal")))
        await bench.store.close(bench.queue)
        return (try TemporaryDirectory("log"), bytes)
    }

    /// How far a log can be followed.
    private static func frames(_ bytes: [UInt8], in directory: TemporaryDirectory) throws -> Int {
        let path = directory.file("grapnel.db")
        try Data(bytes).write(to: URL(filePath: "\(path)-wal"))
        let log = try FollowedLog(database: path, holder: "a test")
        guard let beginning = try log.beginning() else { return -1 }
        guard case .stretch(let stretch) = try log.advance(from: beginning) else { return 0 }
        return stretch.to.frame
    }

    @Test func `a log is read up to its last whole commit, wherever it is cut off`() async throws {
        let (directory, bytes) = try await LogFollowingTests.log()
        let frame = 24 + 4096
        let all = (bytes.count - 32) / frame
        let commits = (1...all).filter { bytes[32 + ($0 - 1) * frame + 4..<32 + ($0 - 1) * frame + 8] != [0, 0, 0, 0] }
        #expect(commits.count > 10)
        #expect(try LogFollowingTests.frames(bytes, in: directory) == commits.last)
        for cut in stride(from: 32, through: bytes.count, by: 1777) {
            let whole = commits.last { 32 + $0 * frame <= cut } ?? 0
            #expect(try LogFollowingTests.frames(Array(bytes[..<cut]), in: directory) == whole)
        }
        for cut in [0, 1, 31] { #expect(try LogFollowingTests.frames(Array(bytes[..<cut]), in: directory) == -1) }
    }

    @Test func `a log is read up to the commit before the first bit that is wrong`() async throws {
        let (directory, bytes) = try await LogFollowingTests.log()
        let frame = 24 + 4096
        let all = (bytes.count - 32) / frame
        let commits = (1...all).filter { bytes[32 + ($0 - 1) * frame + 4..<32 + ($0 - 1) * frame + 8] != [0, 0, 0, 0] }
        for place in stride(from: 33, to: bytes.count, by: 2999) {
            var damaged = bytes
            damaged[place] ^= 0x10
            let whole = commits.last { 32 + $0 * frame <= place } ?? 0
            #expect(try LogFollowingTests.frames(damaged, in: directory) == whole, "byte \(place)")
        }
        // Every byte of the header counts, also the salts.
        for place in 0..<32 {
            var damaged = bytes
            damaged[place] ^= 0x01
            #expect(try LogFollowingTests.frames(damaged, in: directory) == -1, "byte \(place)")
        }
    }

    @Test func `a position that the log does not have any more is not gone on from`() async throws {
        let (directory, bytes) = try await LogFollowingTests.log()
        let path = directory.file("grapnel.db")
        try Data(bytes).write(to: URL(filePath: "\(path)-wal"))
        let log = try FollowedLog(database: path, holder: "a test")
        let beginning = try #require(try log.beginning())
        guard case .stretch(let stretch) = try log.advance(from: beginning) else {
            Issue.record("nothing was read")
            return
        }
        // A power cut that took the end of the log along, and other commits in its place.
        try Data(bytes[..<(bytes.count - 4120)]).write(to: URL(filePath: "\(path)-wal"))
        #expect(throws: LogBreak.self) { _ = try log.advance(from: stretch.to) }
        var other = bytes
        other[bytes.count - 4120 + 16] ^= 1
        try Data(other).write(to: URL(filePath: "\(path)-wal"))
        #expect(throws: LogBreak.self) { _ = try log.advance(from: stretch.to) }
        // Another log altogether.
        let (_, another) = try await LogFollowingTests.log()
        try Data(another).write(to: URL(filePath: "\(path)-wal"))
        #expect(throws: LogBreak.self) { _ = try log.advance(from: stretch.to) }
    }
}
