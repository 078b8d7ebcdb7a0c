import ArgumentParser
import GrapnelCore
import GrapnelQueue

/// `grapnel-bench follow`: what accepting an event costs while somebody follows the hub, and while nobody does.
struct FollowBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow", abstract: "Accept events with a follower and without, by turns.")

    @Option(name: .long, help: "Events of one turn.")
    var events = 20_000
    @Option(name: .long, help: "Turns of each.")
    var rounds = 9
    @Option(name: .long, help: "Where the databases are made (default: the folder for temporary files).")
    var directory: String?

    /// Writes under way at a time.
    private static let concurrency = 256

    func run() async throws {
        try await BenchmarkQueue.with(directory: directory, name: "-alone") { alone in
            try await BenchmarkQueue.with(directory: directory, name: "-followed") { followed in
                let follower = try BenchmarkFollower(of: followed.path)
                defer { follower.remove() }
                let following = Task { try await follower.follow() }
                _ = try await (measure(alone), measure(followed))
                var turns: [(without: Double, with: Double)] = []
                for round in 0..<rounds {
                    // The machine is not the same all the time, so each goes first every other time.
                    if round.isMultiple(of: 2) {
                        let without = try await measure(alone)
                        turns.append((without, try await measure(followed)))
                    } else {
                        let with = try await measure(followed)
                        turns.append((try await measure(alone), with))
                    }
                }
                following.cancel()
                let pieces = try await following.value
                report(turns, pieces: pieces)
            }
        }
    }

    /// What accepting one event costs, in microseconds.
    private func measure(_ queue: BenchmarkQueue) async throws -> Double {
        try await queue.time { try await $0.accept(events, concurrency: Self.concurrency) } / .microseconds(events)
    }

    private func report(_ turns: [(without: Double, with: Double)], pieces: Int) {
        func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }
        func text(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }
        let ratios = turns.map { $0.with / $0.without }
        print(
            "accept: \(text(median(turns.map(\.without)))) µs an event without a follower,",
            "\(text(median(turns.map(\.with)))) µs with one, which took \(pieces) pieces")
        print(
            "ratio: \(text(median(ratios))), from \(text(ratios.min() ?? 0)) to \(text(ratios.max() ?? 0)) in",
            "\(turns.count) turns of \(events) events each")
    }
}
