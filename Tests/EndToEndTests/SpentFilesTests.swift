import Glibc
import GrapnelCore
import GrapnelEmulator
import GrapnelSend
import Subprocess
import TestSupport
import Testing

/// A hub that may open no more files: for a connection that comes in, for one to a vendor, for an isolate, for a program.
@Suite struct SpentFilesTests {
    private static let recipe = (
        manifest: """
        summary: One call and one message for every issue
        on: { source: github, events: [issues.opened] }
        handler: handler.js
        uses: { store: [put], slack: [postMessage] }
        """,
        handler: """
        export default async function (event, { call, send }) {
          const { number } = event.body
          await call.store.put({ url: `/items/${number}`, json: { number } })
          send.slack.postMessage({ channel: '#c', text: `item ${number}` })
        }
        """
    )

    /// Whether anything waits for the outside.
    private static func isOffline(_ program: Program) async throws -> Bool {
        let runs = try await program.run(["runs", "list", "--json", "--limit", "1", "--status", "parked"])
        let effects = try await program.run(["effects", "list", "--json", "--limit", "1", "--delivery", "parked"])
        return runs.contains("\"id\"") || effects.contains("\"id\"")
    }

    @Test(.timeLimit(.minutes(2)))
    func `a hub without a file to spare takes no connection, stands still, and goes on when there is one`() async throws
    {
        try await StandIns.with { world in
            let directory = try HubDirectory(standIns: world.port, recipes: ["tell": SpentFilesTests.recipe])
            let program = Program(directory: directory)
            let vendor = Vendor(egress: world.egress)
            let transcript = try await program.withHub { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                /// Posts on the one connection that there is, unless that was closed.
                @Sendable func post(_ number: Int) async throws -> EgressResponse? {
                    let request = try vendor.request("delivery-\(number)", number: number, port: port)
                    return try? await world.egress.perform(request).get()
                }
                #expect(try await post(0)?.status == 202)
                try await program.settle()
                // Connections that want to be taken in, while none can be.
                let limit = try await FileLimit(of: hub.process, spare: 0)
                let waiting = try (0..<20).map { _ in try OpenConnection(port: port) }
                var acknowledged: Set = ["delivery-0"]
                for number in 1...20 {
                    // It has the database open, so that an event can be kept, but neither isolate nor vendor be reached.
                    guard let answer = try await post(number) else { continue }
                    #expect([202, 503].contains(answer.status))
                    if answer.status == 202 { acknowledged.insert("delivery-\(number)") }
                }
                #expect(acknowledged.count > 1, "what is connected is served")
                // What there was to do comes to an end, and what cannot be done is not tried without a pause.
                var share = 1.0
                for _ in 0..<10 where share > 0.3 {
                    let (began, processor) = (ContinuousClock.now, ProcessTable.processorTime(of: hub.process))
                    await world.emulator.recorder.waitOut(.seconds(1))
                    share = (ProcessTable.processorTime(of: hub.process) - processor) / began.duration(to: .now)
                }
                #expect(share <= 0.3, "it spins")
                try await limit.lift()
                withExtendedLifetime(waiting) {}
                let health = try await RawHTTP.exchange(
                    .port(port), RawHTTP.request("POST", "/hooks/nobody", [("Connection", "close")]))
                #expect(health?.status == 404)
                // To the hub it looked as if nothing outside could be reached: what waits for that goes on within seconds.
                repeat { try await program.settle() } while try await SpentFilesTests.isOffline(program)
                // The hub has events of its own.
                let stored = Set(
                    try await program.all("events").compactMap { $0["delivery_id"]?.string }
                        .filter { $0.hasPrefix("delivery-") })
                #expect(stored.isSuperset(of: acknowledged))
                let effects = try await program.all("effects")
                #expect(effects.count == 2 * stored.count)
                #expect(effects.allSatisfy { $0["state"]?.string == "confirmed" }, "\(effects)")
                let runs = try await program.all("runs")
                #expect(runs.allSatisfy { $0["state"]?.string == "succeeded" }, "\(runs)")
                try hub.terminate()
            }
            #expect(!transcript.contains("Fatal"), "\(transcript)")
        }
    }

    /// Without a file for the one that waits for a program, and with one for that but none for the program.
    @Test(.timeLimit(.minutes(2)), arguments: [0, 1])
    func `runs of programs that cannot be started wait, untried, until they can`(_ spare: Int) async throws {
        try await StandIns.with { world in
            let recipe = (
                manifest: """
                summary: Counts what it reads
                on: { source: github, events: [issues.opened] }
                handler: { command: [wc, -c] }
                sandbox: none
                """, handler: ""
            )
            let directory = try HubDirectory(
                standIns: world.port, recipes: ["count": recipe], settings: "process_handlers: true")
            let program = Program(directory: directory)
            let vendor = Vendor(egress: world.egress)
            try await program.withHub { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                @Sendable func post(_ number: Int) async throws {
                    let request = try vendor.request("delivery-\(number)", number: number, port: port)
                    #expect(try await world.egress.perform(request).get().status == 202)
                }
                try await post(0)
                try await program.settle()
                let limit = try await FileLimit(of: hub.process, spare: spare)
                for number in 1...4 { try await post(number) }
                // Long enough for each to be tried in vain, twice.
                await world.emulator.recorder.waitOut(.seconds(3))
                try await limit.lift()
                try await program.settle()
                let runs = try await program.all("runs")
                #expect(runs.count == 5)
                #expect(runs.allSatisfy { $0["state"]?.string == "succeeded" }, "\(runs)")
                #expect(runs.allSatisfy { $0["attempts"]?.integer == 1 }, "\(runs)")
                try hub.terminate()
            }
        }
    }
}
