import GrapnelCore
import GrapnelEmulator
import GrapnelSend
import Subprocess
import TestSupport
import Testing

/// Many dead runs, seen to by a person at the command line.
@Suite struct BulkTests {
    /// Fails until it is mended; then the same events are told.
    private static func recipe(isMended: Bool) -> (manifest: String, handler: String) {
        (
            """
            summary: A recipe that is mended
            on: { source: github, events: [issues] }
            handler: handler.js
            uses: { store: [put], slack: [postMessage] }
            retries: { attempts: 1 }
            """,
            """
            export default async function (event, { call, send }) {
              const { number } = event.body
              await call.store.put({ url: `/items/${number}`, json: { number } })
              \(isMended ? "" : "throw new Error(`item ${number} timed out after ${number * 7} ms`)")
              send.slack.postMessage({ channel: '#c', text: `item ${number}` })
            }
            """
        )
    }

    private static func json(_ program: Program, _ arguments: [String]) async throws -> JSON {
        try JSONParser.parse(Array(try await program.run(arguments + ["--json"]).utf8))
    }

    /// Posts deliveries until there are `count`, all of which will have died when this returns.
    private static func post(_ count: Int, _ world: StandIns, _ program: Program, port: Int) async throws {
        let vendor = Vendor(egress: world.egress)
        for number in 0..<count {
            let request = try vendor.request("d-\(number)", number: number, action: nil, port: port)
            #expect(try await world.egress.perform(request).get().status == 202)
        }
        try await program.settle()
    }

    @Test(.timeLimit(.minutes(5)))
    func `dead runs are found by why, replayed at once, and only what is missing is sent`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(
                standIns: world.port, recipes: ["tell": BulkTests.recipe(isMended: false)])
            let program = Program(directory: directory)
            try await program.withHub { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                try await BulkTests.post(300, world, program, port: port)
                let failures = try await BulkTests.json(program, ["failures"])["failures"]
                #expect(failures?.array?.count == 1)
                #expect(failures?[0]?["count"] == 300)
                #expect(failures?[0]?["error"]?.string?.contains("item … timed out after … ms") == true)
                let filter = ["--recipe", "tell", "--status", "dead", "--error", "TIMED out", "--missing"]
                let preview = try await BulkTests.json(program, ["replay", "--dry-run"] + filter)
                #expect(preview["count"] == 300)
                #expect(preview["effects"]?[0]?["state"] == "confirmed")
                // Without a terminal nobody can be asked.
                await #expect(throws: HarnessError.self) { _ = try await program.run(["replay"] + filter) }
                let one = ["--where", "body.number=42", "--missing"]
                #expect(try await BulkTests.json(program, ["replay", "--dry-run"] + one)["count"] == 1)

                try directory.write(BulkTests.recipe(isMended: true).handler, to: "recipes/tell/handler.js")
                _ = try await program.run(["reload"])
                // Recorded effects keep a run to its version unless one says otherwise.
                let report = try await BulkTests.json(program, ["replay", "--yes", "--active"] + filter)
                #expect(report["done"] == 300)
                #expect(report["refused"] == 0)
                #expect(report["stopped"] == false)
                try await program.settle()
                let succeeded = try await program.all("runs").count { $0["state"] == "succeeded" }
                #expect(succeeded == 300)
                // Each item was put once, by the run that died, and told once, by its replay.
                #expect(world.emulator.recorder.totals.applied == 600)
                let again = try await BulkTests.json(program, ["replay", "--yes"] + filter)
                #expect(again["count"] == 0)
                try hub.terminate()
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a bulk that is interrupted ends with a step, and goes on when it is given again`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(
                standIns: world.port, recipes: ["tell": BulkTests.recipe(isMended: false)])
            let program = Program(directory: directory)
            try await program.withHub { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                try await BulkTests.post(800, world, program, port: port)
                let filter = ["--recipe", "tell", "--missing", "--yes"]
                let told = try await program.interrupted(["replay"] + filter, at: "This would")
                #expect(told.contains("of 800 replayed"), "\(told)")
                #expect(told.contains("give the same command again"))
                // Replays that have died meanwhile are dead runs like others.
                let rest = try await BulkTests.json(program, ["replay"] + filter)
                try await program.settle()
                let runs = try await program.all("runs")
                let originals = Set(runs.filter { $0["replay_of"] == nil }.compactMap { $0["id"]?.string })
                #expect(originals.count == 800)
                let replayed = runs.compactMap { $0["replay_of"]?.string }
                #expect(Set(replayed).count == replayed.count, "a run was replayed twice")
                #expect(originals.isSubset(of: replayed), "a run was left out")
                #expect(rest["refused"] == 0)
                try hub.terminate()
            }
        }
    }
}
