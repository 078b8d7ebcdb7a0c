import GrapnelCore
import GrapnelEmulator
import GrapnelSend
import TestSupport
import Testing

/// Handlers and vendors that misbehave, seen by the one who runs the hub.
@Suite struct FaultTests {
    /// A recipe for the events of one type, that is given up after its first failure.
    private static func recipe(_ type: String, _ handler: String, settings: String = "") -> (
        manifest: String, handler: String
    ) {
        (
            """
            summary: A recipe of a test
            on: { source: github, events: [\(type)] }
            handler: handler.js
            uses: { store: [put], slack: [postMessage], sms: [sendMessage] }
            retries: { attempts: 1 }
            \(settings)
            """, "export default async function (event, { call, send, log, kv }) {\n\(handler)\n}"
        )
    }

    @Test(.timeLimit(.minutes(5)))
    func `a handler that misbehaves fails alone, with its reason`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(
                standIns: world.port,
                recipes: [
                    "throws": FaultTests.recipe("throws", "throw new TypeError('no such thing')"),
                    "loops": FaultTests.recipe("loops", "while (true) {}", settings: "limits: { cpu: 300ms }"),
                    "eats": FaultTests.recipe(
                        "eats", "const all = []\nwhile (true) all.push(new Uint8Array(1 << 20).fill(1))"),
                    "waits": FaultTests.recipe(
                        "waits", "await new Promise((done) => setTimeout(done, 60_000))",
                        settings: "limits: { wall: 500ms }"),
                    "fine": FaultTests.recipe("fine", "send.slack.postMessage({ channel: '#c', text: 'fine' })"),
                ])
            let program = Program(directory: directory)
            try await program.withHub { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                let vendor = Vendor(egress: world.egress)
                for (number, type) in ["throws", "loops", "eats", "waits", "fine"].enumerated() {
                    let request = try vendor.request("d-\(type)", number: number, type: type, action: nil, port: port)
                    #expect(try await world.egress.perform(request).get().status == 202)
                }
                try await program.settle()
                var kinds: [String: String] = [:]
                for run in try await program.all("runs") {
                    let id = run["id"]?.string ?? ""
                    let shown = try JSONParser.parse(Array(try await program.run(["runs", "show", id, "--json"]).utf8))
                    let failure = shown["attempts"]?[0]?["failure"]
                    kinds[run["recipe"]?.string ?? ""] = failure?["kind"]?.string ?? run["state"]?.string
                    if run["recipe"]?.string == "throws" {
                        #expect(failure?["message"]?.string?.contains("no such thing") == true)
                        #expect(failure?["stack"]?.string?.contains("handler.js:2") == true)
                    }
                }
                #expect(
                    kinds == [
                        "throws": "threw", "loops": "cpu", "eats": "memory", "waits": "wall", "fine": "succeeded",
                    ])
                #expect(world.emulator.recorder.totals.applied == 1)
                try hub.terminate()
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what isolates are forked from has one thread`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(
                standIns: world.port, recipes: ["waits": FaultTests.recipe("waits", "return 1")])
            let program = Program(directory: directory)
            try await program.withHub { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                let request = try Vendor(egress: world.egress).request(
                    "d", number: 1, type: "waits", action: nil, port: port)
                #expect(try await world.egress.perform(request).get().status == 202)
                try await program.settle()
                // A second thread could hold a lock while it forks, or end, and then its children would make another.
                let zygotes = ProcessTable.children(of: hub.process, named: "grapnel-isolate")
                #expect(zygotes.map { ProcessTable.threads(of: $0) } == [1])
                try hub.terminate()
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a vendor that is down for a while gets what it missed`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(
                standIns: world.port,
                recipes: [
                    "tell": FaultTests.recipe("tell", "send.slack.postMessage({ channel: '#c', text: 'once' })")
                ])
            world.emulator.faults.add(FaultRule(.fail, connector: "slack", status: 503, count: 1, retryAfterSeconds: 1))
            let program = Program(directory: directory)
            try await program.withHub { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                let vendor = Vendor(egress: world.egress)
                let request = try vendor.request("d", number: 1, type: "tell", action: nil, port: port)
                #expect(try await world.egress.perform(request).get().status == 202)
                try await program.settle()
                let effect = try #require(try await program.all("effects").first)
                #expect(effect["state"]?.string == "confirmed")
                #expect(effect["sends"]?.integer == 2)
                #expect(effect["delivery"]?["attempts"]?.array?.count == 2)
                #expect(world.emulator.recorder.totals.applied == 1)
                try hub.terminate()
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an answer that never came is treated by the class of the operation`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(
                standIns: world.port,
                recipes: [
                    "tell": FaultTests.recipe(
                        "tell",
                        """
                        send.slack.postMessage({ channel: '#c', text: 'again, and marked' })
                        send.sms.sendMessage({ to: '+15558675310', from: '+15017122661', body: 'left to people' })
                        """)
                ])
            world.emulator.faults.add(FaultRule(.acceptThenReset, connector: "slack", count: 1))
            world.emulator.faults.add(FaultRule(.acceptThenReset, connector: "twilio", count: 1))
            let program = Program(directory: directory)
            try await program.withHub { hub in
                guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                let vendor = Vendor(egress: world.egress)
                let request = try vendor.request("d", number: 1, type: "tell", action: nil, port: port)
                #expect(try await world.egress.perform(request).get().status == 202)
                try await program.settle()
                let effects = Dictionary(
                    uniqueKeysWithValues: try await program.all("effects").map { ($0["connection"]?.string ?? "", $0) })
                #expect(effects["slack"]?["state"]?.string == "confirmed")
                #expect(effects["slack"]?["maybe_duplicate"]?.bool == true)
                #expect(effects["sms"]?["state"]?.string == "unknown")
                #expect(effects["sms"]?["delivery"]?["state"]?.string == "parked")
                let id = effects["sms"]?["id"]?.string ?? ""
                _ = try await program.run(["effects", "resolve", id, "--confirm"])
                let resolved = try JSONParser.parse(
                    Array(try await program.run(["effects", "show", id, "--json"]).utf8))
                #expect(resolved["state"]?.string == "confirmed")
                try hub.terminate()
            }
        }
    }
}
