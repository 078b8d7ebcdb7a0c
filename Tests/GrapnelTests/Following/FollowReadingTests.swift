import FoundationEssentials
import Glibc
import GrapnelCore
import TestSupport
import Testing
import grapnel

/// What can be restored of a folder: at any moment, and whatever became of its files.
@Suite struct FollowReadingTests {
    /// A folder of two copies, each with four pieces of five events, a second apart, of a hub that is gone.
    private final class Folder {
        let path: String
        let copies: [String]
        /// The events that there were at each moment.
        let moments: [(at: Timestamp, events: Int)]
        private let directory: TemporaryDirectory

        init() async throws {
            directory = try TemporaryDirectory("folder")
            let path = directory.file("folder")
            self.path = path
            // A log that does not begin anew, so that each look makes one piece.
            let hub = try FollowedHub(log: .mebibytes(16))
            try await hub.start()
            let session = try FollowSession(hub, into: path) { $0.sayEvery = .seconds(1) }
            var moments: [(at: Timestamp, events: Int)] = []
            for _ in 0..<2 {
                hub.clock.advance(by: .seconds(90_000))
                for _ in 0..<5 {
                    try await hub.accept(5)
                    session.look()
                    moments.append((hub.clock.now(), hub.events))
                    hub.clock.advance(by: .seconds(1))
                }
            }
            await hub.stop()
            self.moments = moments
            copies = session.copies.map { "\(path)/\($0)" }
        }

        func pieces(of copy: Int) -> [String] {
            FollowSession.names("\(copies[copy])/pieces").map { "\(copies[copy])/pieces/\($0)" }
        }

        var restored: (events: Int, at: Timestamp, notes: [String]) {
            get throws { try FollowedHub.restored(from: path) }
        }
    }

    /// Changes a bit in the middle of a file.
    private static func damage(_ path: String) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        bytes[bytes.count / 2] ^= 4
        try Data(bytes).write(to: URL(filePath: path))
    }

    @Test func `a folder is restored as it was at any moment`() async throws {
        let folder = try await Folder()
        #expect(folder.copies.count == 2)
        let first = try #require(folder.moments.first)
        #expect(throws: (any Error).self, "before the first copy") {
            _ = try FollowedHub.restored(from: folder.path, at: first.at - .milliseconds(1))
        }
        for (at, events) in folder.moments {
            for delay in [0, 1, 999] {
                let restored = try FollowedHub.restored(from: folder.path, at: at + .milliseconds(delay))
                #expect(restored.events == events)
                #expect(restored.at == at)
                #expect(restored.notes == [])
            }
        }
        let (last, restored) = (try #require(folder.moments.last), try folder.restored)
        #expect(try FollowedHub.restored(from: folder.path, at: last.at + .seconds(9_999_999)).events == last.events)
        #expect(restored.events == last.events)
        #expect(restored.at == last.at)
    }

    @Test func `a piece that is damaged or cannot be read ends what is restored, and what is lost is named`()
        async throws
    {
        let folder = try await Folder()
        let pieces = folder.pieces(of: 1)
        try FollowReadingTests.damage(pieces[pieces.count - 2])
        let damaged = try folder.restored
        #expect(damaged.notes.count == 1)
        #expect(damaged.notes.first?.contains("lost is what was committed from") == true, "\(damaged.notes)")
        #expect(damaged.events == folder.moments[folder.moments.count - 3].events)
        #expect(damaged.at == folder.moments[folder.moments.count - 3].at)
        // A file that no read succeeds on.
        #expect(unlink(pieces[pieces.count - 2]) == 0)
        #expect(mkdir(pieces[pieces.count - 2], 0o700) == 0)
        let unread = try folder.restored
        #expect(unread.events == damaged.events)
        #expect(unread.notes.first?.contains("Is a directory") == true, "\(unread.notes)")
        #expect(rmdir(pieces[pieces.count - 2]) == 0)
        let missing = try folder.restored
        #expect(missing.events == damaged.events)
        #expect(missing.notes.first?.contains("is missing") == true, "\(missing.notes)")
    }

    @Test func `a last piece that is torn or missing is named`() async throws {
        let folder = try await Folder()
        let pieces = folder.pieces(of: 1)
        let last = try #require(pieces.last)
        truncate(last, 3000)
        let torn = try folder.restored
        #expect(torn.notes.first?.contains("piece \(pieces.count) is damaged, the last one") == true, "\(torn.notes)")
        #expect(torn.events == folder.moments[folder.moments.count - 2].events)
        #expect(unlink(last) == 0)
        let missing = try folder.restored
        #expect(missing.notes.first?.contains("piece \(pieces.count) is missing") == true, "\(missing.notes)")
        #expect(missing.events == torn.events)
        #expect(missing.at == torn.at)
    }

    @Test(arguments: ["grapnel.db", "copy.json", "no database", "unread", "pieces"])
    func `when the newest copy is damaged the older one is taken, and that is said`(_ what: String) async throws {
        let folder = try await Folder()
        let newest = folder.copies[1]
        switch what {
        case "no database": #expect(unlink("\(newest)/grapnel.db") == 0)
        case "unread":
            #expect(unlink("\(newest)/grapnel.db") == 0)
            #expect(mkdir("\(newest)/grapnel.db", 0o700) == 0)
        case "pieces":
            // It needs the pieces that came while it was made.
            for piece in folder.pieces(of: 1) { unlink(piece) }
            let facts = try String(contentsOf: URL(filePath: "\(newest)/copy.json"), encoding: .utf8)
            try facts.replacing("\"pieces\": 0", with: "\"pieces\": 1")
                .write(to: URL(filePath: "\(newest)/copy.json"), atomically: true, encoding: .utf8)
        case "copy.json": truncate("\(newest)/copy.json", 100)
        default: try FollowReadingTests.damage("\(newest)/\(what)")
        }
        let restored = try folder.restored
        #expect(restored.notes.count == 1)
        #expect(restored.notes.first?.contains("an older copy is taken") == true, "\(restored.notes)")
        // The older one has every piece up to the moment at which the newer one was whole.
        #expect(restored.events >= folder.moments[4].events)
        #expect(restored.events <= folder.moments[5].events)
    }

    @Test func `a folder of which no copy is left whole is refused with every reason`() async throws {
        let folder = try await Folder()
        for copy in folder.copies { try FollowReadingTests.damage("\(copy)/grapnel.db") }
        let error = #expect(throws: (any Error).self) { _ = try folder.restored }
        let text = "\(error.map { "\($0)" } ?? "")"
        #expect(text.contains("has no copy that can be restored"))
        for copy in folder.copies { #expect(text.contains(copy.split(separator: "/").last ?? "-")) }
    }
}
