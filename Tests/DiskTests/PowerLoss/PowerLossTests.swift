import Glibc
import TestSupport
import Testing

/// The power fails at random moments, and the disk keeps any part of what was not synced.
@Suite struct PowerLossTests {
    /// `GRAPNEL_TEST_IMAGES` asks for more, `GRAPNEL_TEST_SEED` for others.
    private static let images = number("GRAPNEL_TEST_IMAGES") ?? 500
    private static let seed = UInt64(number("GRAPNEL_TEST_SEED") ?? 20_261_121)
    private static let imagesOfADay = 50
    private static let steps = 150

    private static func number(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }

    @Test(.timeLimit(.minutes(600)))
    func `no power cut loses what was answered or leaves anything half done`() async throws {
        var loss = PowerLoss()
        var day: UInt64 = 0
        while loss.images < PowerLossTests.images {
            let recording = try await Workload.record(
                seed: PowerLossTests.seed &+ day, steps: PowerLossTests.steps)
            try await loss.examine(
                recording, images: min(PowerLossTests.imagesOfADay, PowerLossTests.images - loss.images))
            day += 1
            guard loss.images % 500 == 0 else { continue }
            print(loss.figures)
            // Whoever waits for thousands of images sees how far they have come.
            fflush(nil)
        }
        #expect(loss.problems.isEmpty, "\(loss.problems.prefix(10).joined(separator: "\n"))")
        #expect(loss.torn > 0 && loss.dropped > 0 && loss.applied > 0)
        print("\(day) days: \(loss.figures)")
    }

    @Test func `an engine that syncs as synchronous=NORMAL does is found out`() async throws {
        let recording = try await Workload.record(
            seed: PowerLossTests.seed, steps: PowerLossTests.steps, forgetsFull: true)
        var loss = PowerLoss()
        try await loss.examine(recording, images: PowerLossTests.imagesOfADay)
        #expect(loss.count("lost") > 0)
        print("with synchronous=NORMAL: \(loss.figures), \(loss.count("lost")) losses of what was answered")
    }

    @Test func `an answer before the commit is found out`() async throws {
        let recording = try await Workload.record(
            seed: PowerLossTests.seed, steps: PowerLossTests.steps, answering: .beforeCommit)
        var loss = PowerLoss()
        try await loss.examine(recording, images: PowerLossTests.imagesOfADay)
        #expect(loss.count("lost") > 0)
        print("with answers before the commit: \(loss.figures), \(loss.count("lost")) losses of what was answered")
    }
}
