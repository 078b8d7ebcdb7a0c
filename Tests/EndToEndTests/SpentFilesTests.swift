import GrapnelCore
import GrapnelEmulator
import GrapnelSend
import Testing

/// A hub that may open no more files.
@Suite struct SpentFilesTests {
    @Test(.timeLimit(.minutes(5)))
    func `connections leave files to the rest of the hub`() async throws {
        try await StandIns.with { world in
            let files = 300
            let directory = try HubDirectory(standIns: world.port, recipes: [LoadRecipe.name: LoadRecipe.files])
            let program = Program(directory: directory)
            let vendor = Vendor(egress: world.egress)
            try await program.withHub(files: files) { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                let first = try vendor.request("delivery-0", number: 0, port: port)
                #expect(try await world.egress.perform(first).get().status == 202)
                let waiting = try (0..<files).map { _ in try OpenConnection(port: port) }
                for number in 1...20 {
                    let request = try vendor.request("delivery-\(number)", number: number, port: port)
                    #expect(try await world.egress.perform(request).get().status == 202)
                }
                try await program.settle()
                let open = ProcessTable.files(of: hub.process).count
                #expect(open >= files / 2 && open < files * 9 / 10, "\(open) of \(files)")
                withExtendedLifetime(waiting) {}
                let runs = try await program.all("runs")
                #expect(runs.count == 21 && runs.allSatisfy { $0["state"]?.string == "succeeded" })
                try hub.terminate()
            }
        }
    }

    /// Fewer files are left than a hub keeps for itself, and more than its pipes to a program would take.
    @Test(.timeLimit(.minutes(5)))
    func `programs leave files to the rest of the hub, and their runs wait, untried`() async throws {
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
                let limit = try await FileLimit(of: hub.process, spare: 24)
                for number in 1...4 { try await post(number) }
                // Long enough for each to be tried in vain, twice.
                await world.emulator.recorder.waitOut(.seconds(3))
                var runs = try await program.all("runs")
                #expect(runs.count { $0["state"]?.string == "succeeded" } == 1, "\(runs)")
                try await limit.lift()
                try await program.settle()
                runs = try await program.all("runs")
                #expect(runs.count == 5)
                #expect(runs.allSatisfy { $0["state"]?.string == "succeeded" }, "\(runs)")
                #expect(runs.allSatisfy { $0["attempts"]?.integer == 1 }, "\(runs)")
                try hub.terminate()
            }
        }
    }
}
