import GrapnelCore
import GrapnelEmulator
import GrapnelSend
import TestSupport
import Testing

/// A hub whose disk fails, seen by the vendors that post to it.
@Suite struct StorageTests {
    private static let recipe = (
        manifest: """
        summary: One message for every issue
        on: { source: github, events: [issues.opened] }
        handler: handler.js
        uses: { slack: [postMessage] }
        """,
        handler: """
        export default async function (event, { send }) {
          send.slack.postMessage({ channel: '#c', text: `item ${event.body.number}` })
        }
        """
    )

    @Test(.timeLimit(.minutes(5)), arguments: [DiskControl.Failure.full, .readOnly])
    func `a full or read-only disk is answered with 503, and nothing that was acknowledged is missing`(
        _ failure: DiskControl.Failure
    ) async throws {
        try await StandIns.with { world in
            let disk = try DiskControl()
            let directory = try HubDirectory(standIns: world.port, recipes: ["tell": StorageTests.recipe])
            let program = Program(directory: directory)
            let vendor = Vendor(egress: world.egress)
            try await program.withHub(disk.environment) { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                func post(_ number: Int) async throws -> EgressResponse {
                    let request = try vendor.request("delivery-\(number)", number: number, port: port)
                    return try await world.egress.perform(request).get()
                }
                for round in 0..<3 {
                    #expect(try await post(round).status == 202)
                    try disk.fail(failure)
                    for _ in 0..<5 {
                        let refusal = try await post(100 + round)
                        #expect(refusal.status == 503)
                        #expect(refusal.headers.first("Retry-After") == "1")
                    }
                    disk.mend()
                }
                #expect(try await post(200).status == 202)
                try await program.settle()
                let stored = Set(try await program.all("events").compactMap { $0["delivery_id"]?.string })
                #expect(stored == ["delivery-0", "delivery-1", "delivery-2", "delivery-200"])
                #expect(world.emulator.recorder.totals.applied >= 4)
                try hub.terminate()
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a failed sync ends the hub, and the next start has everything that was acknowledged`() async throws {
        try await StandIns.with { world in
            let disk = try DiskControl()
            let directory = try HubDirectory(standIns: world.port, recipes: ["tell": StorageTests.recipe])
            let program = Program(directory: directory)
            let vendor = Vendor(egress: world.egress)
            let end = try await program.hub(disk.environment) { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                let first = try vendor.request("delivery-1", number: 1, port: port)
                #expect(try await world.egress.perform(first).get().status == 202)
                try await program.settle()
                try disk.fail(.sync)
                let second = try vendor.request("delivery-2", number: 2, port: port)
                // The hub ends so soon that its answer may get lost.
                if case .success(let answer) = await world.egress.perform(second) { #expect(answer.status == 503) }
            }
            #expect(end.code == 1)
            #expect(end.transcript.contains("the database failed for good"))
            disk.mend()
            try await program.withHub { hub in
                guard await hub.listening.port() != nil else { throw HarnessError("the hub did not start") }
                let stored = Set(try await program.all("events").compactMap { $0["delivery_id"]?.string })
                #expect(stored.contains("delivery-1"))
                try hub.terminate()
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a second hub on the same directory is refused, and names the first`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(standIns: world.port, recipes: ["tell": StorageTests.recipe])
            let program = Program(directory: directory)
            try await program.withHub { first in
                guard await first.listening.port() != nil else { throw HarnessError("the hub did not start") }
                let end = try await program.hub { second in
                    if await second.listening.port() != nil {
                        Issue.record("the second hub started")
                        try second.kill()
                    }
                }
                #expect(end.code == 1)
                #expect(end.transcript.contains("process \(first.process)"))
                try first.terminate()
            }
        }
    }
}
