import GrapnelCore
import GrapnelEmulator
import TestSupport
import Testing

/// The processor is taken from a hub in the middle of its work, as when a machine is suspended, and given back later.
@Suite struct FreezeTests {
    /// How long; `GRAPNEL_TEST_FREEZE` asks for more, so that leases (60 s) end and ticks are missed meanwhile.
    private static let seconds = Environment.number("GRAPNEL_TEST_FREEZE") ?? 1
    private static let freezes = 3
    /// A schedule with ticks that a long freeze misses.
    private static let clockwork = (
        manifest: """
        summary: A tick every minute
        on: { schedule: "* * * * *" }
        handler: handler.js
        """,
        handler: "export default async function () {}"
    )

    @Test(.timeLimit(.minutes(60)))
    func `a hub that stood still goes on, and repeats nothing unmarked`() async throws {
        try await StandIns.with { world in
            let directory = try HubDirectory(
                standIns: world.port, recipes: [LoadRecipe.name: LoadRecipe.files, "clockwork": FreezeTests.clockwork])
            let program = Program(directory: directory)
            let vendor = Vendor(egress: world.egress)
            let recorder = world.emulator.recorder
            let posting = Task { try await vendor.post() }
            for number in 1...FreezeTests.freezes {
                try await program.withHub { hub in
                    guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
                    vendor.gate.open(port: port)
                    await recorder.wait(more: 10 * number)
                    try hub.freeze()
                    await recorder.wait(after: .max, atMost: .seconds(FreezeTests.seconds))
                    vendor.gate.close()
                    try hub.thaw()
                    vendor.gate.open(port: port)
                    await recorder.wait(more: 10)
                    vendor.gate.close()
                    try hub.terminate()
                }
            }
            try await program.conclude(vendor, posting: posting) {
                let account = try await program.account(of: vendor, recorder)
                let ticks = try await program.all("events").filter { $0["source"]?.string == "schedule:clockwork" }
                    .compactMap { $0["delivery_id"]?.string }
                #expect(Set(ticks).count == ticks.count, "no tick comes twice")
                print(
                    "\(FreezeTests.freezes) times \(FreezeTests.seconds) s without a processor: \(account);",
                    "\(ticks.count) ticks, each once")
            }
        }
    }
}
