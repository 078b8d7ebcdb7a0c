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
    /// Kills of one hub directory; after them all is counted, and the next begins with an empty one.
    private static let killsOfRound = 100
    /// Requests that stand-ins get of one hub before it is killed although it has not come to its place. The log is long
    /// enough for a checkpoint in long tests only.
    private static let mostArrivals = kills > 200 ? 6000 : 400
    /// Vendors that post at the same time.
    private static let vendors = 3

    @Test(.timeLimit(.minutes(kills > 200 ? 600 : 20)))
    func `no kill loses an acknowledged event or repeats a confirmed effect`() async throws {
        let reached = Mutex<[CrashPoint: Int]>([:])
        for first in stride(from: 0, to: CrashTests.kills, by: CrashTests.killsOfRound) {
            let numbers = first..<min(first + CrashTests.killsOfRound, CrashTests.kills)
            let (places, account) = try await CrashTests.round(numbers)
            reached.withLock { $0.merge(places, uniquingKeysWith: +) }
            print("\(numbers.upperBound) of \(CrashTests.kills) kills: \(account)")
        }
        let counts = reached.withLock { $0 }
        print("killed at", CrashPoint.allCases.map { "\($0.rawValue) \(counts[$0] ?? 0)" }.joined(separator: ", "))
        let missed = CrashPoint.allCases.filter { counts[$0] == nil && $0 != .beforeCheckpoint }
        #expect(missed.isEmpty || CrashTests.kills < 2 * CrashPoint.allCases.count)
    }

    /// Kills hubs of one directory, and counts.
    ///
    /// - Returns: How many came to each place, and the counts.
    private static func round(_ numbers: Range<Int>) async throws -> ([CrashPoint: Int], Program.Account) {
        let result = Mutex<([CrashPoint: Int], Program.Account)>(([:], Program.Account()))
        try await StandIns.with { world in
            let directory = try HubDirectory(standIns: world.port, recipes: [LoadRecipe.name: LoadRecipe.files])
            let program = Program(directory: directory)
            let vendor = Vendor(egress: world.egress)
            let posting = Task {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<vendors { group.addTask { try await vendor.post() } }
                    try await group.waitForAll()
                }
            }
            // Its own numbers for each round, so that a round repeats by itself.
            let random = SeededRandomSource(seed: 20_261_121 + UInt64(numbers.lowerBound))
            for number in numbers {
                // One in two at a named place, each in turn.
                if number % 2 == 0 {
                    let point = CrashPoint.allCases[number / 2 % CrashPoint.allCases.count]
                    // Checkpoints are far between.
                    let passes = point == .beforeCheckpoint ? 1 : 1 + random.next() % 12
                    let place = "\(point.rawValue):\(passes)"
                    if try await crash(program, vendor, world.emulator.recorder, at: place) {
                        result.withLock { $0.0[point, default: 0] += 1 }
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
            try await program.conclude(vendor, posting: posting) {
                let account = try await program.account(of: vendor, world.emulator.recorder)
                #expect(vendor.acknowledged.count > numbers.count, "the test posted under load")
                result.withLock { $0.1 = account }
            }
        }
        return result.withLock { $0 }
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
}
