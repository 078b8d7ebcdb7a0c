import GrapnelCore
import GrapnelSend
import TestSupport
import Testing

/// What a person who must be forgotten leaves behind, as the one who runs the hub sees it.
@Suite struct ErasureTests {
    private static let recipe = (
        manifest: """
        summary: Tells what it got
        on: { source: github, events: [issues.opened] }
        handler: handler.js
        uses: { slack: [postMessage] }
        """,
        handler: """
        export default async function (event, { send, log }) {
          log.info(`got ${event.body.text}`)
          send.slack.postMessage({ channel: '#c', text: event.body.text })
        }
        """
    )
    /// Stands in the body of every delivery of the harness.
    private static let value = "round and round"

    @Test(.timeLimit(.minutes(5)))
    func `a value is counted, erased and vacuumed away by the command line, and the record tells of it`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(standIns: world.port, recipes: ["tells": ErasureTests.recipe])
            let program = Program(directory: directory)
            try await program.withHub { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                let request = try Vendor(egress: world.egress).request("d-1", number: 1, port: port)
                #expect(try await world.egress.perform(request).get().status == 202)
                try await program.settle()
                let counted = try await ErasureTests.erase(["--dry-run"], program)
                #expect(counted["rows"]?["request"]?.integer == 1)
                #expect(counted["rows"]?["effect"]?.integer == 1)
                #expect(counted["rows"]?["log"]?.integer == 1)
                await #expect(throws: HarnessError.self, "nothing is erased unasked") {
                    _ = try await ErasureTests.erase([], program)
                }
                let erased = try await ErasureTests.erase(["--yes"], program)
                #expect((erased["erased"]?.integer ?? 0) >= 3)
                #expect(try await ErasureTests.erase(["--dry-run"], program)["rows"]?.object?.members.isEmpty == true)
                let record = try JSONParser.parse(Array(try await program.run(["audit", "--json"]).utf8))["audit"]?[0]
                #expect(record?["id"] == erased["id"])
                #expect(record?["rows"] == erased["erased"])
                #expect(record?["finished_at"]?.string != nil)
                #expect(try await program.run(["audit"]).contains(ErasureTests.value) == false)
                await #expect(throws: HarnessError.self, "a hub that runs is not written anew") {
                    _ = try await program.run(["vacuum"])
                }
                try hub.terminate()
            }
            _ = try await program.run(["vacuum"])
            for name in try directory.names(in: ".grapnel") where name.hasPrefix("grapnel.db") {
                let text = String(decoding: try directory.bytes(of: directory.file(".grapnel/\(name)")), as: UTF8.self)
                #expect(!text.contains(ErasureTests.value), "\(name)")
            }
        }
    }

    private static func erase(_ flags: [String], _ program: Program) async throws -> JSON {
        try JSONParser.parse(Array(try await program.run(["erase", value, "--json"] + flags).utf8))
    }
}
