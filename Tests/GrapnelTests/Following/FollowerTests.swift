import FoundationEssentials
import Glibc
import GrapnelCore
import TestSupport
import Testing
import grapnel

/// What follows a hub, with its clock moved by hand: when it makes whole copies, what it keeps, and what it does when its
/// folder, or the hub, is not what it was.
@Suite struct FollowerTests {
    private static func started(log: ByteCount = .kibibytes(64)) async throws -> FollowedHub {
        let hub = try FollowedHub(log: log)
        try await hub.start()
        try await hub.accept(10)
        return hub
    }

    // MARK: Whole copies

    @Test func `a whole copy is made anew after a day, and two are kept`() async throws {
        let hub = try await FollowerTests.started()
        let session = try FollowSession(hub)
        session.look()
        #expect(session.reasons == ["there is none yet"])
        var copies: [[String]] = [session.copies]
        for _ in 0..<3 {
            hub.clock.advance(by: .seconds(86_000))
            try await hub.accept(3)
            session.look()
            #expect(session.copies == copies.last, "a day is not over")
            hub.clock.advance(by: .seconds(500))
            session.look()
            copies.append(session.copies)
            #expect(try FollowedHub.restored(from: session.folder).events == hub.events)
        }
        #expect(Set(session.reasons.dropFirst()) == ["the last one is older than 1d"])
        #expect(copies.map(\.count) == [1, 2, 2, 2])
        #expect(copies[2].first == copies[1].last)
        #expect(copies[3].first == copies[2].last)
        await hub.stop()
    }

    @Test func `a whole copy is made anew when the pieces have become large`() async throws {
        let hub = try await FollowerTests.started()
        let session = try FollowSession(hub) {
            $0.piecesOfCopy = 0
            $0.leastPieces = .kibibytes(400)
        }
        session.look()
        for _ in 0..<40 where session.reasons.count < 2 {
            try await hub.accept(3)
            hub.clock.advance(by: .seconds(100))
            session.look()
        }
        #expect(session.reasons.last == "the pieces of the last one have become large")
        #expect(session.reasons.count == 2)
        #expect(try FollowedHub.restored(from: session.folder).events == hub.events)
        await hub.stop()
    }

    @Test func `an older copy goes only when the newer one is whole, and not for one that fails`() async throws {
        let hub = try await FollowerTests.started()
        let session = try FollowSession(hub)
        for _ in 0..<2 {
            session.look()
            hub.clock.advance(by: .seconds(90_000))
        }
        let before = session.copies
        #expect(before.count == 2)
        let folder = session.folder
        session.on("copy_begins") { line in
            #expect(session.copies == before)
            // A folder where the copy should be.
            mkdir("\(folder)/\(line["copy"]?.string ?? "")/grapnel.db.part", 0o700)
        }
        session.look()
        #expect(session.problems.count == 1)
        #expect(session.copies == before)
        // The pieces go on, and the copy is tried again after a while.
        try await hub.accept(5)
        session.on("copy_begins") { _ in #expect(session.copies == before) }
        hub.clock.advance(by: .seconds(500))
        session.look()
        #expect(session.copies == before)
        #expect(try FollowedHub.restored(from: folder).events == hub.events)
        hub.clock.advance(by: .seconds(200))
        session.look()
        #expect(session.copies.count == 2)
        #expect(session.copies.first == before.last)
        #expect(try FollowedHub.restored(from: folder).events == hub.events)
        await hub.stop()
    }

    @Test func `a start goes on with the last copy, and removes what an end in the middle left`() async throws {
        let hub = try await FollowerTests.started()
        var session: FollowSession? = try FollowSession(hub) { $0.copies = 3 }
        for _ in 0..<3 {
            hub.clock.advance(by: .seconds(90_000))
            session?.look()
        }
        let copies = session?.copies ?? []
        #expect(copies.count == 3)
        // So that the hub sees that somebody follows.
        try await hub.accept(20)
        session = nil
        // Ended after the new copy was whole and before the oldest was removed, and in the middle of the next.
        mkdir("\(hub.folder)/copy-99991231T000000Z", 0o700)
        try await hub.accept(4)
        let next = try FollowSession(hub)
        #expect(FollowSession.names(hub.folder).filter { $0.hasPrefix("copy-") } == Array(copies.dropFirst()))
        next.look()
        #expect(next.reasons == [])
        #expect(try FollowedHub.restored(from: hub.folder).events == hub.events)
        await hub.stop()
    }

    @Test func `a last copy that is damaged is not gone on with`() async throws {
        let hub = try await FollowerTests.started()
        var session: FollowSession? = try FollowSession(hub)
        session?.look()
        try await hub.accept(4)
        session?.look()
        let piece = try #require(session?.pieces.last)
        session = nil
        truncate(piece, 100)
        try await hub.accept(4)
        let next = try FollowSession(hub)
        next.look()
        #expect(next.reasons == ["the last one cannot be gone on with"])
        #expect(try FollowedHub.restored(from: hub.folder).events == hub.events)
        await hub.stop()
    }

    // MARK: The hub

    @Test func `a database at rest is copied, and a hub that starts on it leads to a new copy`() async throws {
        let hub = try await FollowerTests.started()
        await hub.stop()
        #expect(!FileManager.default.fileExists(atPath: "\(hub.paths.database)-wal"))
        var session: FollowSession? = try FollowSession(hub)
        for _ in 0..<3 {
            session?.look()
            hub.clock.advance(by: .seconds(20))
        }
        #expect(session?.reasons.count == 1)
        #expect(session?.problems == [])
        #expect(try FollowedHub.restored(from: hub.folder).events == 10)
        // Nothing has changed, so another one goes on.
        session = nil
        let next = try FollowSession(hub)
        next.look()
        #expect(next.reasons == [])
        try await hub.start()
        try await hub.accept(5)
        next.look()
        #expect(next.reasons == ["the database has changed since it was copied at rest"])
        try await hub.accept(5)
        next.look()
        #expect(next.reasons.count == 1)
        await hub.stop()
        next.look()
        #expect(try FollowedHub.restored(from: hub.folder).events == 20)
        #expect(next.reasons.count == 1)
    }

    @Test func `a state that another one of the same hub replaces leads to a new copy, and nothing is mixed`()
        async throws
    {
        let hub = try await FollowerTests.started()
        let session = try FollowSession(hub)
        session.look()
        await hub.stop()
        session.look()
        // As restore does it: the state is put aside, and another one takes its place.
        let older = try FollowedHub(clock: hub.clock)
        try await older.start()
        try await older.accept(3)
        await older.stop()
        #expect(rename(hub.paths.state, hub.file("aside")) == 0)
        session.look()
        #expect(session.problems.last?.contains("there is no database") == true)
        #expect(rename(older.paths.state, hub.paths.state) == 0)
        session.look()
        #expect(session.reasons.count == 2)
        #expect(try FollowedHub.restored(from: hub.folder).events == 3)
        try await hub.start()
        try await hub.accept(2)
        session.look()
        #expect(try FollowedHub.restored(from: hub.folder).events == 5)
        #expect(try FollowedHub.restored(from: hub.folder, at: Timestamp(milliseconds: .max)).events == 5)
        await hub.stop()
    }

    @Test func `a state that another hub's replaces is refused, and the folder stays what it was`() async throws {
        let hub = try await FollowerTests.started()
        let session = try FollowSession(hub)
        session.look()
        await hub.stop()
        let other = try FollowedHub(id: "hub2", clock: hub.clock)
        try await other.start()
        try await other.accept(3)
        await other.stop()
        #expect(rename(hub.paths.state, hub.file("aside")) == 0)
        #expect(rename(other.paths.state, hub.paths.state) == 0)
        let copies = session.copies
        for _ in 0..<3 { session.look() }
        #expect(session.problems.count == 1)
        #expect(session.problems.last?.contains("is a copy of another hub (hub1)") == true)
        #expect(session.copies == copies)
        #expect(try FollowedHub.restored(from: hub.folder).events == 10)
        #expect(throws: (any Error).self) { _ = try FollowSession(hub) }
        // Its own is back.
        #expect(rename(hub.paths.state, other.paths.state) == 0)
        #expect(rename(hub.file("aside"), hub.paths.state) == 0)
        session.look()
        #expect(session.said("goes_on", "event").count == 1)
    }

    @Test func `nothing is said to be complete while the hub has not said how its log goes on`() async throws {
        let hub = try await FollowerTests.started(log: .kibibytes(256))
        let session = try FollowSession(hub) { $0.sayEvery = .zero }
        session.look()
        let spool = "\(hub.paths.database).follow"
        var pieces = 0
        // From the beginning of one log to that of the next, at last.
        for _ in 0..<3 {
            session.look()
            pieces = session.pieces.count
            let files = FollowSession.names(spool).count
            while FollowSession.names(spool).count == files { try await hub.accept(1) }
        }
        // As if it ended before it said so.
        let link = try #require(FollowSession.names(spool).last)
        #expect(unlink("\(spool)/\(link)") == 0)
        let said = session.said("complete", "complete_to").count
        hub.clock.advance(by: .seconds(1))
        session.look()
        #expect(session.said("complete", "complete_to").count == said)
        #expect(session.pieces.count > pieces, "what there is of the log is taken")
        #expect(try FollowedHub.restored(from: hub.folder).at < hub.clock.now())
        session.end()
        #expect(session.isComplete == false)
        // Nobody says it any more.
        hub.clock.advance(by: .seconds(31))
        session.look()
        #expect(session.reasons.last == "the log began anew, and nobody says that nothing is missing")
        #expect(try FollowedHub.restored(from: hub.folder).events == hub.events)
        session.end()
        #expect(session.isComplete == true)
        await hub.stop()
    }

    // MARK: The folder

    /// `ENOSPC` and `EIO` for every write.
    @Test(arguments: ["/dev/full", "/proc/self/mem"])
    func `a folder that takes no piece is said once, and the piece comes later`(_ disk: String) async throws {
        let hub = try await FollowerTests.started()
        let session = try FollowSession(hub)
        session.look()
        try await hub.accept(5)
        session.look()
        let (had, part) = (hub.events, "\(session.folder)/\(try #require(session.copies.last))/pieces/part")
        #expect(symlink(disk, part) == 0)
        for _ in 0..<3 {
            try await hub.accept(20)
            session.look()
        }
        #expect(session.problems.count == 1, "\(session.problems)")
        #expect(session.problems.last?.contains(part) == true)
        #expect(try FollowedHub.restored(from: session.folder).events == had)
        #expect(unlink(part) == 0)
        session.look()
        #expect(session.said("goes_on", "event").count == 1)
        #expect(session.reasons.count == 1)
        let restored = try FollowedHub.restored(from: session.folder)
        #expect(restored.events == hub.events)
        #expect(restored.notes == [])
        await hub.stop()
    }

    @Test(.enabled(if: MountedDisk.isPossible, "mounting a file system needs root"))
    func `a folder on a full disk keeps what it has, the hub goes on, and room is used when it comes`() async throws {
        let hub = try await FollowerTests.started()
        let disk = try #require(try MountedDisk(size: 32 << 20))
        var session: FollowSession? = try FollowSession(hub, into: disk.folder.file("folder"))
        session?.look()
        let folder = try #require(session?.folder)
        for round in 1...3 {
            let had = hub.events
            try disk.fill("filler")
            for _ in 0..<3 {
                try await hub.accept(20)
                session?.look()
            }
            #expect(session?.problems.count == round, "\(session?.problems ?? [])")
            #expect(session?.problems.last?.contains("No space left") == true)
            #expect(try FollowedHub.restored(from: folder).events == had)
            if round == 3 {
                // It can also be started on it.
                session = nil
                session = try FollowSession(hub, into: folder)
                session?.look()
            }
            disk.remove("filler")
            session?.look()
            #expect(try FollowedHub.restored(from: folder).events == hub.events)
        }
        #expect(session?.reasons == [])
        await hub.stop()
    }

    @Test(.enabled(if: MountedDisk.isPossible, "mounting a file system needs root"))
    func `a copy for which there is no room is not begun in earnest, and what is there stays`() async throws {
        let hub = try await FollowerTests.started()
        let disk = try #require(try MountedDisk(size: 16 << 20))
        let session = try FollowSession(hub, into: disk.folder.file("folder"))
        session.look()
        let copies = session.copies
        try disk.fill("filler", leaving: 128 << 10)
        hub.clock.advance(by: .seconds(90_000))
        session.look()
        #expect(session.problems.last?.contains("there is no room for a new copy") == true, "\(session.problems)")
        #expect(session.copies == copies)
        #expect(FollowSession.names(session.folder).filter { $0.hasPrefix("copy-") } == copies)
        // Full in the middle of it.
        disk.remove("filler")
        session.on("copy_begins") { _ in try? disk.fill("filler") }
        hub.clock.advance(by: .seconds(700))
        session.look()
        #expect(session.problems.count == 2, "\(session.problems)")
        #expect(session.copies == copies)
        #expect(try FollowedHub.restored(from: session.folder).events == 10)
        disk.remove("filler")
        session.on("copy_begins") { _ in }
        hub.clock.advance(by: .seconds(700))
        session.look()
        #expect(session.copies.count == 2)
        await hub.stop()
    }

    @Test(.enabled(if: MountedDisk.isPossible, "mounting a file system needs root"))
    func `a folder on a disk that takes no more files is like a full one`() async throws {
        let hub = try await FollowerTests.started()
        let disk = try #require(try MountedDisk(size: 8 << 20, files: 100))
        let session = try FollowSession(hub, into: disk.folder.file("folder"))
        session.look()
        try await hub.accept(5)
        session.look()
        let had = hub.events
        disk.spendFiles("filler")
        for _ in 0..<3 {
            try await hub.accept(5)
            session.look()
        }
        #expect(session.problems.count == 1)
        #expect(session.problems.last?.contains("No space left") == true, "\(session.problems)")
        #expect(try FollowedHub.restored(from: session.folder).events == had)
        disk.giveFilesBack("filler")
        session.look()
        #expect(try FollowedHub.restored(from: session.folder).events == hub.events)
        await hub.stop()
    }
}
