import GrapnelCore
import GrapnelEmulator
import Synchronization
import TestSupport
import Testing

/// The hub is killed while vendors post and recipes send, at every named place and at random moments; then everything is
/// counted.
@Suite struct CrashTests {
    /// `GRAPNEL_TEST_KILLS` asks for more.
    private static let kills = Environment.number("GRAPNEL_TEST_KILLS") ?? 50
    /// Requests that stand-ins get of one hub before it is killed although it has not come to its place.
    private static let mostArrivals = kills > 200 ? 6000 : 400
    /// Vendors that post at the same time.
    private static let vendors = 3
    private static let recipe = (
        manifest: """
        summary: One call and two outputs for every issue
        on: { source: github, events: [issues.opened] }
        handler: handler.js
        uses: { store: [put], slack: [postMessage], sms: [sendMessage] }
        """,
        handler: """
        export default async function (event, { call, send, kv }) {
          const { number } = event.body
          await call.store.put({ url: `/items/${number}`, json: { number } })
          await kv.set(`item:${number}`, number)
          send.slack.postMessage({ channel: '#crash', text: `item ${number}` })
          send.sms.sendMessage({ to: '+15558675310', from: '+15017122661', body: `item ${number}` })
        }
        """
    )

    @Test(.timeLimit(.minutes(20)))
    func `no kill loses an acknowledged event or repeats a confirmed effect`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(standIns: world.port, recipes: ["crash": CrashTests.recipe])
            let program = Program(directory: directory)
            let vendor = Vendor(egress: world.egress)
            let posting = Task {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<CrashTests.vendors { group.addTask { try await vendor.post() } }
                    try await group.waitForAll()
                }
            }
            let random = SeededRandomSource(seed: 20_261_121)
            var reached: [CrashPoint: Int] = [:]
            for number in 0..<CrashTests.kills {
                // One in two at a named place, each in turn.
                let points = CrashPoint.allCases
                if number % 2 == 0 {
                    let point = points[number / 2 % points.count]
                    let place = "\(point.rawValue):\(1 + random.next() % 12)"
                    if try await CrashTests.crash(program, vendor, world.emulator.recorder, at: place) {
                        reached[point, default: 0] += 1
                    }
                } else {
                    // Mostly in the middle of its work; now and then before it has begun any.
                    let arrivals = Int(random.next() % 80)
                    if arrivals > 8 {
                        try await program.serve(
                            vendor, world.emulator.recorder, untilArrivals: arrivals - 8, end: { try $0.kill() })
                    } else {
                        try await program.withHub { try $0.kill() }
                    }
                }
            }
            // The log is long enough for a checkpoint in long tests only.
            let missed = CrashPoint.allCases.filter { reached[$0] == nil && $0 != .beforeCheckpoint }
            #expect(missed.isEmpty || CrashTests.kills < 2 * CrashPoint.allCases.count)
            print("killed at", CrashPoint.allCases.map { "\($0.rawValue) \(reached[$0] ?? 0)" }.joined(separator: ", "))
            try await program.conclude(vendor, posting: posting) {
                try await CrashTests.check(program, vendor, world.emulator.recorder)
            }
        }
    }

    /// Runs a hub until it comes to a named place and ends there by itself; `false` when it had to be killed.
    private static func crash(
        _ program: Program, _ vendor: Vendor, _ recorder: EmulatorRecorder, at place: String
    ) async throws -> Bool {
        let killed = Mutex(false)
        try await program.withHub(["GRAPNEL_CRASH_AT": place]) { hub in
            guard let port = await hub.listening.port() else { return }
            let target = recorder.totals.received + mostArrivals
            vendor.gate.open(port: port)
            while !hub.ending.hasCome, recorder.totals.received < target {
                await recorder.wait(after: recorder.totals.received, atMost: .milliseconds(100))
            }
            vendor.gate.close()
            guard !hub.ending.hasCome else { return }
            killed.withLock { $0 = true }
            try hub.kill()
        }
        return killed.withLock { !$0 }
    }

    private static func check(_ program: Program, _ vendor: Vendor, _ recorder: EmulatorRecorder) async throws {
        // Not the notices that the hub made of what it had to leave to people.
        let events = Set(
            try await program.all("events").filter { $0["source"]?.string == "github" }
                .compactMap { $0["delivery_id"]?.string })
        #expect(vendor.acknowledged.subtracting(events).isEmpty, "acknowledged events are stored")
        #expect(vendor.acknowledged.count > kills, "the test posted under load")

        let runs = try await program.all("runs")
        #expect(runs.count == events.count)
        for run in runs where run["state"]?.string != "succeeded" {
            Issue.record("a run was left behind: \(JSONWriter.text(run))")
        }

        var arrivals: [String: [String]] = [:]
        for request in recorder.requests(after: 0) where request.isApplied {
            if let key = request.effectKey { arrivals[key, default: []].append(request.receivedAt.description) }
        }
        let effects = try await program.all("effects")
        #expect(effects.count == runs.count * 3)
        var (repeated, unknown) = (0, 0)
        for effect in effects {
            guard let key = effect["idempotency_key"]?.string, let kind = effect["class"]?.string else { continue }
            let text = Comment(rawValue: JSONWriter.text(effect))
            let times = arrivals.removeValue(forKey: key) ?? []
            if times.count > 1 { repeated += 1 }
            switch effect["state"]?.string {
            case "confirmed":
                #expect(!times.isEmpty, "a confirmed effect has arrived: \(text)")
                let settled = effect["settled_at"]?.string ?? ""
                #expect(times.allSatisfy { $0 <= settled }, "nothing is sent after it is confirmed: \(text)")
            case "unknown":
                unknown += 1
                #expect(kind == "at_most_once", "only what may not be repeated is left to people: \(text)")
                #expect(effect["delivery"]?["park_reason"]?.string == "unknown_effect")
            default: Issue.record("an effect was left behind: \(text)")
            }
            if kind == "at_most_once" { #expect(times.count <= 1, "it is sent at most once: \(text)") }
            let isMarked = effect["maybe_duplicate"]?.bool == true
            #expect(times.count <= 1 || isMarked, "a repeat is marked: \(text)")
        }
        #expect(arrivals.isEmpty, "vendors got nothing that the ledger does not know")
        print(
            "\(kills) kills: \(vendor.acknowledged.count) acknowledged events, \(effects.count) effects,",
            "\(repeated) repeated and marked, \(unknown) left to people")
    }
}
