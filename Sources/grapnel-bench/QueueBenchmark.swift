import ArgumentParser
import GrapnelCore
import GrapnelQueue

/// `grapnel-bench queue`: what claiming and finishing cost in a fresh database, and with many finished runs kept.
struct QueueBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Claim and finish runs with no finished ones kept, and with many.")

    @Option(name: .long, help: "Finished runs that are kept at the second measurement.")
    var kept = 1_000_000
    @Option(name: .long, help: "Runs of one measurement.")
    var runs = 20_000
    @Option(name: .long, help: "Where the database is made (default: the folder for temporary files).")
    var directory: String?

    /// What a row cost, in microseconds.
    private struct Cost {
        var accept: Double
        var claim: Double
        var finish: Double
    }

    /// Writes under way at a time.
    private static let concurrency = 256

    func run() async throws {
        try await BenchmarkQueue.with(directory: directory) { queue in
            _ = try await measure(queue)
            let fresh = try await measure(queue)
            report("\(try await queue.finished()) finished runs kept", fresh)
            var done = try await queue.finished()
            while done < kept {
                try await queue.keep(min(kept - done, 50_000), concurrency: Self.concurrency)
                done = try await queue.finished()
                print("\(done) of \(kept) runs finished")
            }
            let full = try await measure(queue)
            report("\(try await queue.finished()) finished runs kept", full)
            print(
                "ratio: accept \(ratio(full.accept, fresh.accept)), claim \(ratio(full.claim, fresh.claim)),",
                "finish \(ratio(full.finish, fresh.finish))")
        }
    }

    /// The median of five rounds, since the disk is not the program's alone.
    private func measure(_ queue: BenchmarkQueue) async throws -> Cost {
        var rounds: [Cost] = []
        for _ in 0..<5 {
            let accepted = try await queue.time { try await $0.accept(runs, concurrency: Self.concurrency) }
            var claimed: [LeasedRun] = []
            let claiming = try await queue.time { claimed = try await $0.claim(runs) }
            let taken = claimed
            let finishing = try await queue.time { try await $0.finish(taken, concurrency: Self.concurrency) }
            rounds.append(
                Cost(
                    accept: accepted / .microseconds(runs), claim: claiming / .microseconds(runs),
                    finish: finishing / .microseconds(runs)))
        }
        func median(_ cost: (Cost) -> Double) -> Double { rounds.map(cost).sorted()[rounds.count / 2] }
        return Cost(accept: median(\.accept), claim: median(\.claim), finish: median(\.finish))
    }

    private func report(_ title: String, _ cost: Cost) {
        print(
            "\(title): accept \(text(cost.accept)) µs a row, claim \(text(cost.claim)) µs, finish",
            "\(text(cost.finish)) µs")
    }

    private func ratio(_ after: Double, _ before: Double) -> String { text(after / before) }

    private func text(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }
}
