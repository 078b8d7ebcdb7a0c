import GRDB
import Glibc
import GrapnelCore
import GrapnelEmulator
import GrapnelSend
import Synchronization
import TestSupport
import Testing

/// Hubs that are followed into a folder, and what comes of it when either is killed.
@Suite struct FollowTests {
    /// `GRAPNEL_TEST_FOLLOW_KILLS` asks for more.
    private static let kills = Environment.number("GRAPNEL_TEST_FOLLOW_KILLS") ?? 6
    private static let recipe = (
        manifest: """
        summary: A call and an output for every issue
        on: { source: github, events: [issues.opened] }
        handler: handler.js
        uses: { store: [put], slack: [postMessage] }
        """,
        handler: """
        export default async function (event, { call, send, kv }) {
          const { number } = event.body
          await call.store.put({ url: `/items/${number}`, json: { number } })
          await kv.set(`item:${number}`, number)
          send.slack.postMessage({ channel: '#follow', text: `item ${number}` })
        }
        """
    )
    /// So small that the log begins anew with every few commits.
    private static let settings = "limits: { log: 64KiB }"

    /// How far the test is.
    private final class Tally: Sendable {
        let isOver = Mutex(false)
        let hubKills = Mutex(0)
    }

    @Test(.timeLimit(.minutes(60)))
    func `no kill of a hub or of what follows it costs anything that the folder is said to have`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(
                standIns: world.port, recipes: ["follow": FollowTests.recipe], settings: FollowTests.settings)
            let program = Program(directory: directory)
            let vendor = Vendor(egress: world.egress)
            let posting = Task {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<3 { group.addTask { try await vendor.post() } }
                    try await group.waitForAll()
                }
            }
            let watch = FollowWatch()
            let tally = Tally()
            let recorder = world.emulator.recorder
            // A first hub makes the database.
            try await program.serve(vendor, recorder, untilArrivals: 20, end: { try $0.terminate() })
            try await withThrowingTaskGroup { group in
                group.addTask {
                    let random = SeededRandomSource(seed: 20_261_121)
                    while !tally.isOver.withLock({ $0 }) || tally.hubKills.withLock({ $0 }) < FollowTests.kills / 2 {
                        let isKill = random.next() % 4 > 0
                        try await program.serve(
                            vendor, recorder, untilArrivals: Int(20 + random.next() % 150),
                            end: { try isKill ? $0.kill() : $0.terminate() })
                        if isKill { tally.hubKills.withLock { $0 += 1 } }
                    }
                }
                group.addTask {
                    defer { tally.isOver.withLock { $0 = true } }
                    let random = SeededRandomSource(seed: 7)
                    for round in 0..<(FollowTests.kills + 1) / 2 {
                        try await program.follow(into: directory.file("follow"), watch) { following in
                            if round % 3 == 0 {
                                try await FollowTests.checkCopy(round, program, vendor, watch)
                            }
                            let lines = watch.told.lines.values.reduce(0, +) + Int(random.next() % 12)
                            await watch.wait { $0.lines.values.reduce(0, +) >= lines }
                            try following.kill()
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await program.conclude(vendor, posting: posting) {}
            try await FollowTests.complete(program, watch)
            let restored = try await FollowTests.restored(directory.file("follow"), "last", program)
            let (found, expected) = (try restored.tables(), try FollowTests.hub(directory).tables())
            #expect(expected["event"]?.count ?? 0 > FollowTests.kills)
            #expect(expected["effect"]?.count ?? 0 > FollowTests.kills)
            for (name, rows) in expected {
                let isEqual = found[name] == rows
                #expect(isEqual, "\(name): \(found[name]?.count ?? -1) rows, not \(rows.count)")
            }
            // A kill between two steps of the hub may cost a new copy; that nothing is kept of the log costs many.
            #expect(watch.told.lines["copy_begins", default: 0] <= 1 + FollowTests.kills)
            let lines = watch.told.lines.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            print(
                "\(tally.hubKills.withLock { $0 }) kills of hubs, \((FollowTests.kills + 1) / 2) of followers:",
                "\(vendor.acknowledged.count) acknowledged events, none lost;", lines.joined(separator: ", "))
            for text in Set(watch.told.texts) { print("  \(text)") }
        }
    }

    private static func hub(_ directory: HubDirectory) -> StoredHub {
        StoredHub(path: directory.file(".grapnel/grapnel.db"))
    }

    /// A copy of the folder, taken at any moment, has what was acknowledged before the moment up to which the folder is
    /// said to be complete.
    private static func checkCopy(
        _ round: Int, _ program: Program, _ vendor: Vendor, _ watch: FollowWatch
    ) async throws {
        let (now, acknowledged) = (SystemClock().now(), vendor.acknowledged)
        await watch.wait { $0.completeTo > now }
        let copy = program.directory.file("copy-\(round)")
        try StoredHub.copy(program.directory.file("follow"), to: copy)
        let restored = try await FollowTests.restored(copy, "copy-\(round)-state", program)
        let missing = acknowledged.subtracting(try restored.deliveries())
        #expect(missing.isEmpty, "\(missing.count) of \(acknowledged.count) events are missing")
        #expect(!acknowledged.isEmpty)
    }

    /// Follows until the folder has everything, and ends.
    private static func complete(_ program: Program, _ watch: FollowWatch) async throws {
        let code = try await program.follow(into: program.directory.file("follow"), watch) { following in
            let now = SystemClock().now()
            await watch.wait { $0.completeTo > now }
            try following.terminate()
        }
        #expect(code == 0)
    }

    /// Restores a folder into a state of its own.
    private static func restored(_ folder: String, _ state: String, _ program: Program) async throws -> StoredHub {
        let state = program.directory.file(state)
        let report = try JSONParser.parse(
            Array(try await program.run(["restore", folder, "--state", state, "--json"]).utf8))
        #expect(report["notes"]?.array?.isEmpty == true, "\(JSONWriter.text(report))")
        return StoredHub(path: "\(state)/grapnel.db")
    }

    @Test(.timeLimit(.minutes(5)))
    func `a folder is restored up to its last sound piece, of its own hub alone, and followed by one alone`()
        async throws
    {
        try await StandIns.with { world in
            let directory = try HubDirectory(
                standIns: world.port, recipes: ["follow": FollowTests.recipe], settings: FollowTests.settings)
            let program = Program(directory: directory)
            let folder = directory.file("follow")
            await FollowTests.expectRefusal("no database", of: ["backup", "--follow", folder], by: program)
            let vendor = Vendor(egress: world.egress)
            let posting = Task { try await vendor.post() }
            let recorder = world.emulator.recorder
            let watch = FollowWatch()
            try await program.serve(vendor, recorder, untilArrivals: 10, end: { try $0.terminate() })
            // The database at rest, and then a hub.
            let code = try await program.follow(into: folder, watch) { following in
                await watch.wait { $0.lines["copy_ends"] != nil }
                await FollowTests.expectRefusal("a second follower", of: ["backup", "--follow", folder], by: program)
                try await program.serve(vendor, recorder, untilArrivals: 200, end: { try $0.terminate() })
                let now = SystemClock().now()
                await watch.wait { $0.completeTo > now }
                try following.terminate()
            }
            #expect(code == 0)
            try await program.conclude(vendor, posting: posting) {}
            try await FollowTests.damage(folder, directory, program)
            await FollowTests.expectRefusal(
                "a folder that is in use", of: ["backup", "--follow", directory.file("recipes")], by: program)
            // Another hub, with another key.
            let other = try HubDirectory(standIns: world.port, recipes: ["follow": FollowTests.recipe])
            let stranger = Program(directory: other)
            try await stranger.withHub { hub in
                _ = await hub.listening.port()
                try hub.terminate()
            }
            await FollowTests.expectRefusal("another hub", of: ["backup", "--follow", folder], by: stranger)
            let external = try HubDirectory(
                standIns: world.port, recipes: [:], settings: "database_checkpoints: external")
            await FollowTests.expectRefusal(
                "external checkpoints", of: ["backup", "--follow", folder], by: Program(directory: external))
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a folder that cannot make sure of its names has each piece once`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(
                standIns: world.port, recipes: ["follow": FollowTests.recipe], settings: FollowTests.settings)
            let program = Program(directory: directory)
            let (disk, watch, vendor) = (try DiskControl(), FollowWatch(), Vendor(egress: world.egress))
            let folder = directory.file("follow")
            try await program.withHub { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                @Sendable func post(_ numbers: ClosedRange<Int>) async throws {
                    for number in numbers {
                        let request = try vendor.request("delivery-\(number)", number: number, port: port)
                        #expect(try await world.egress.perform(request).get().status == 202)
                    }
                }
                try await post(1...3)
                try await program.follow(into: folder, watch, variables: disk.environment) { following in
                    await watch.wait { $0.lines["copy_ends"] != nil }
                    try disk.fail(.directory)
                    try await post(4...6)
                    await watch.wait { $0.lines["waits"] != nil }
                    try await post(7...9)
                    disk.mend()
                    await watch.wait { $0.lines["goes_on"] != nil }
                    try await program.settle()
                    let now = SystemClock().now()
                    await watch.wait { $0.completeTo > now }
                    try following.terminate()
                }
                try hub.terminate()
            }
            #expect(watch.told.texts.contains { $0.contains("cannot sync") }, "\(watch.told.texts)")
            let restored = try await FollowTests.restored(folder, "restored", program)
            #expect(try restored.deliveries().count == 9)
        }
    }

    @Test(.timeLimit(.minutes(2)), .enabled(if: geteuid() == 0, "becoming another user needs root"))
    func `one that may not read the hub, or write beside it, is told whom to be`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(standIns: world.port, recipes: [:])
            let program = Program(directory: directory)
            try await program.withHub { hub in
                _ = await hub.listening.port()
                try hub.terminate()
            }
            let command = ["backup", "--follow", "/tmp/never-made"]
            let unread = try await program.ended(command, as: 65_534)
            #expect(unread.code == 1)
            #expect(unread.error.contains("is not for this user to read: follow the hub as its own user"), "\(unread)")
            for path in ["", ".grapnel", ".grapnel/grapnel.db"] { chmod(directory.file(path), 0o755) }
            let unwritten = try await program.ended(command, as: 65_534)
            #expect(unwritten.code == 1)
            #expect(
                unwritten.error.contains("is not for this user to write: follow the hub as its own user"),
                "\(unwritten)")
            #expect(access("/tmp/never-made", F_OK) != 0)
        }
    }

    private static func expectRefusal(_ what: Comment, of command: [String], by program: Program) async {
        await #expect(throws: HarnessError.self, what) { _ = try await program.run(command) }
    }

    /// Restores copies of the folder with pieces that are torn, damaged or missing.
    private static func damage(_ folder: String, _ directory: HubDirectory, _ program: Program) async throws {
        let copies = try directory.names(in: "follow").filter { $0.hasPrefix("copy-") }.sorted()
        let copy = try #require(copies.last)
        let pieces = try directory.names(in: "follow/\(copy)/pieces").sorted()
        try #require(pieces.count > 4)
        #expect(try await program.run(["backup", "verify", folder]).contains("is sound"))
        let all = try await FollowTests.restored(folder, "whole", program).deliveries()
        for (name, piece, isCut) in [
            ("torn", pieces.count - 1, true), ("middle", pieces.count - 3, false), ("missing", pieces.count - 2, nil),
        ] {
            let damaged = "damaged-\(name)"
            try StoredHub.copy(folder, to: directory.file(damaged))
            let file = "\(damaged)/\(copy)/pieces/\(pieces[piece])"
            var bytes = try directory.bytes(of: directory.file(file))
            if isCut == true { bytes.removeLast(bytes.count / 3) } else { bytes[bytes.count / 2] ^= 8 }
            if isCut == nil { unlink(directory.file(file)) } else { try directory.write(bytes, to: file) }
            let verified = try await program.ended(["backup", "verify", directory.file(damaged), "--json"])
            #expect(verified.code == 1, "a script is told")
            let note = try JSONParser.parse(Array(verified.output.utf8))["notes"]?.array?.first?.string ?? ""
            #expect(note.contains("piece \(piece + 1) is \(isCut == nil ? "missing" : "damaged")"), "\(note)")
            #expect(note.contains(isCut == true ? "the last one" : "lost is what was committed from"), "\(note)")
            let state = directory.file("\(damaged)-state")
            _ = try await program.run(["restore", directory.file(damaged), "--state", state])
            #expect(try StoredHub(path: "\(state)/grapnel.db").deliveries().isSubset(of: all))
        }
        // The copy of the database itself: nothing can be built on it.
        try StoredHub.copy(folder, to: directory.file("damaged-base"))
        let base = "damaged-base/\(copy)/grapnel.db"
        var bytes = try directory.bytes(of: directory.file(base))
        bytes[bytes.count / 2] ^= 1
        try directory.write(bytes, to: base)
        if copies.count == 1 {
            await expectRefusal(
                "a damaged copy", of: ["backup", "verify", directory.file("damaged-base")], by: program)
        }
    }
}
