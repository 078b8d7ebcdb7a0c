import GrapnelCore
import GrapnelEmulator
import Synchronization
import TestSupport
import Testing

/// The hub is asked to end at random moments while vendors post and recipes send: nothing may be lost, repeated or
/// counted against a recipe.
@Suite struct ShutdownTests {
    /// `GRAPNEL_TEST_STOPS` asks for more.
    private static let stops = Environment.number("GRAPNEL_TEST_STOPS") ?? 8
    private static let recipe = (
        manifest: """
        summary: One call and one output for every issue
        on: { source: github, events: [issues.opened] }
        handler: handler.js
        uses: { store: [put], sms: [sendMessage] }
        """,
        handler: """
        export default async function (event, { call, send }) {
          const { number } = event.body
          await call.store.put({ url: `/items/${number}`, json: { number } })
          send.sms.sendMessage({ to: '+15558675310', from: '+15017122661', body: `item ${number}` })
        }
        """
    )

    @Test(.timeLimit(.minutes(60)))
    func `a stop loses nothing, repeats nothing and spends no attempt`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(standIns: world.port, recipes: ["stop": ShutdownTests.recipe])
            let program = Program(directory: directory)
            let vendor = Vendor(egress: world.egress)
            let posting = Task { try await vendor.post() }
            let random = SeededRandomSource(seed: 20_261_121)
            for _ in 0..<ShutdownTests.stops {
                let arrivals = 1 + Int(random.next() % 60)
                try await program.serve(
                    vendor, world.emulator.recorder, untilArrivals: arrivals, end: { try $0.terminate() })
            }
            try await program.conclude(vendor, posting: posting) {
                try await ShutdownTests.check(program, vendor, world.emulator.recorder)
            }
        }
    }

    private static func check(_ program: Program, _ vendor: Vendor, _ recorder: EmulatorRecorder) async throws {
        // Not the notices that the hub made of what it had to leave to people.
        let events = Set(
            try await program.all("events").filter { $0["source"]?.string == "github" }
                .compactMap { $0["delivery_id"]?.string })
        #expect(vendor.acknowledged.subtracting(events).isEmpty, "acknowledged events are stored")
        let runs = try await program.all("runs")
        #expect(runs.count == events.count)
        for run in runs {
            let text = Comment(rawValue: JSONWriter.text(run))
            #expect(run["state"]?.string == "succeeded", text)
            #expect(run["counters"]?["attempts"]?.integer == 1 && run["counters"]?["losses"]?.integer == 0, text)
        }
        var arrivals: [String: Int] = [:]
        for request in recorder.requests(after: 0) where request.isApplied {
            if let key = request.effectKey { arrivals[key, default: 0] += 1 }
        }
        #expect(arrivals.values.allSatisfy { $0 == 1 }, "everything was sent once")
        let effects = try await program.all("effects")
        #expect(effects.count == runs.count * 2 && arrivals.count == effects.count)
        for effect in effects {
            let text = Comment(rawValue: JSONWriter.text(effect))
            #expect(effect["state"]?.string == "confirmed" && effect["maybe_duplicate"]?.bool == false, text)
        }
        print("\(stops) stops: \(vendor.acknowledged.count) acknowledged events, \(effects.count) effects, each once")
    }
}
