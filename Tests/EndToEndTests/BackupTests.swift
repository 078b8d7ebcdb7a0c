import GrapnelCore
import GrapnelEmulator
import Synchronization
import TestSupport
import Testing

/// Backups of hubs that work, and what comes of them.
@Suite struct BackupTests {
    /// `GRAPNEL_TEST_BACKUPS` asks for more.
    private static let rounds = Environment.number("GRAPNEL_TEST_BACKUPS") ?? 5
    private static let recipe = (
        manifest: """
        summary: One call and two outputs for every issue
        on: { source: github, events: [issues.opened] }
        handler: handler.js
        uses: { store: [put], slack: [postMessage], sms: [sendMessage] }
        """,
        handler: """
        export default async function (event, { call, send }) {
          const { number } = event.body
          await call.store.put({ url: `/items/${number}`, json: { number } })
          send.slack.postMessage({ channel: '#backup', text: `item ${number}` })
          send.sms.sendMessage({ to: '+15558675310', from: '+15017122661', body: `item ${number}` })
        }
        """
    )

    @Test(.timeLimit(.minutes(20)))
    func `a backup of a busy hub restores to all that was acknowledged before it, and repeats nothing unmarked`()
        async throws
    {
        try await StandIns.with { world in
            let directory = try HubDirectory(standIns: world.port, recipes: ["backup": BackupTests.recipe])
            let program = Program(directory: directory)
            let vendor = Vendor(egress: world.egress)
            let posting = Task {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<3 { group.addTask { try await vendor.post() } }
                    try await group.waitForAll()
                }
            }
            let lost = Mutex<Set<String>>([])
            for round in 1...BackupTests.rounds {
                let backup = directory.file("backup-\(round).tar")
                let before = Mutex<Set<String>>([])
                try await program.withHub { hub in
                    guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                    vendor.gate.open(port: port)
                    await world.emulator.recorder.wait(more: 40)
                    before.withLock { $0 = vendor.acknowledged }
                    _ = try await program.run(["backup", backup])
                    // Whatever happens from here on is not in the backup.
                    await world.emulator.recorder.wait(more: 20)
                    if round < BackupTests.rounds { vendor.gate.close() } else { vendor.end() }
                    try hub.kill()
                }
                #expect(try await program.run(["backup", "verify", backup]).contains("is sound"))
                await BackupTests.expectRefusal("a state that is there", of: ["restore", backup], by: program)
                let report = try JSONParser.parse(
                    Array(try await program.run(["restore", backup, "--force", "--json"]).utf8))
                #expect(report["restore_epoch"]?.integer == Int64(round))
                try await program.withHub { hub in
                    guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                    let events = Set(try await program.all("events").compactMap { $0["delivery_id"]?.string })
                    let expected = before.withLock { $0 }.subtracting(lost.withLock { $0 })
                    #expect(!expected.isEmpty)
                    #expect(expected.subtracting(events).isEmpty, "what was acknowledged before the backup is in it")
                    await BackupTests.expectRefusal(
                        "a hub that runs", of: ["restore", backup, "--force"], by: program)
                    if round == BackupTests.rounds {
                        vendor.gate.open(port: port)
                        try await posting.value
                        try await program.settle()
                        try await BackupTests.check(program, world.emulator.recorder)
                    }
                    lost.withLock { $0.formUnion(vendor.acknowledged.subtracting(events)) }
                    try hub.terminate()
                }
            }
        }
    }

    private static func expectRefusal(_ what: Comment, of command: [String], by program: Program) async {
        await #expect(throws: HarnessError.self, what) { _ = try await program.run(command) }
    }

    /// Whether the ledger knows what may have been sent twice.
    private static func check(_ program: Program, _ recorder: EmulatorRecorder) async throws {
        var arrivals: [String: Int] = [:]
        for request in recorder.requests(after: 0) where request.isApplied {
            if let key = request.effectKey { arrivals[key, default: 0] += 1 }
        }
        var parked = 0
        for effect in try await program.all("effects") {
            let key = effect["idempotency_key"]?.string ?? ""
            let text = Comment(rawValue: JSONWriter.text(effect))
            let times = arrivals[key, default: 0]
            if effect["class"]?.string == "at_most_once" {
                #expect(times <= 1, "it is sent at most once: \(text)")
                if effect["state"]?.string == "unknown" { parked += 1 }
            }
            #expect(times <= 1 || effect["maybe_duplicate"]?.bool == true, "a repeat is marked: \(text)")
            #expect(effect["state"]?.string != "confirmed" || times > 0, "a confirmed effect has arrived: \(text)")
        }
        print("\(rounds) restores: \(arrivals.count) effects arrived, \(parked) left to people")
    }

    @Test(.timeLimit(.minutes(5)))
    func `a backup that is damaged, cut off or without its key is refused, and a folder is left as it was`()
        async throws
    {
        try await StandIns.with { world in
            let directory = try HubDirectory(standIns: world.port, recipes: ["backup": BackupTests.recipe])
            let program = Program(directory: directory)
            let backup = directory.file("whole.tar")
            try await program.withHub { hub in
                guard await hub.listening.port() != nil else { throw HarnessError("the hub did not start") }
                _ = try await program.run(["backup", backup])
                await BackupTests.expectRefusal("a file that is there", of: ["backup", backup], by: program)
                try hub.terminate()
            }
            // A hub that does not run is copied as well.
            let second = directory.file("second.tar")
            _ = try await program.run(["backup", second])
            _ = try await program.run(["backup", "verify", second])
            let bytes = try directory.bytes(of: backup)
            for (name, damaged) in [
                ("cut off", Array(bytes.dropLast(4096))), ("half", Array(bytes.prefix(bytes.count / 2))),
                ("one bit", bytes.enumerated().map { $0.offset == 40_000 ? $0.element ^ 4 : $0.element }),
                ("empty", []),
            ] {
                let file = directory.file("damaged.tar")
                try directory.write(damaged, to: "damaged.tar")
                let comment = Comment(rawValue: name)
                await BackupTests.expectRefusal(comment, of: ["backup", "verify", file], by: program)
                let state = directory.file("elsewhere")
                await BackupTests.expectRefusal(comment, of: ["restore", file, "--state", state], by: program)
                #expect(try directory.names().filter { $0.hasPrefix("elsewhere") }.isEmpty)
            }
            var environment = directory.environment
            environment["GRAPNEL_KEY_FILE"] = directory.file("another.key")
            let command = ["restore", backup, "--state", directory.file("elsewhere")]
            await #expect(throws: HarnessError.self, "another key") {
                _ = try await Program.run(command, environment: environment)
            }
            _ = try await Program.run(command + ["--without-key"], environment: environment)
            #expect(try directory.names().contains("elsewhere"))
        }
    }
}
