import ArgumentParser
import GrapnelCore
import GrapnelQueue

/// `grapnel-bench retention`: how long deleting old events, and giving their space back, holds the writer.
struct RetentionBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Delete old events in steps, beside a hub that takes new ones in.",
        discussion: "Fails when 2,000 rows take more than 50 ms, or one step holds the writer for more than 25 ms.")

    @Option(name: .long, help: "Events, each with a finished run, that are deleted.")
    var events = 20_000
    @Option(name: .long, help: "Where the database is made (default: the folder for temporary files).")
    var directory: String?

    /// Rows that hang on one event here: its request, itself, its run and the attempt.
    private static let rowsOfEvent = 4
    private static let mostForThousands = Duration.milliseconds(50)
    private static let mostForStep = Duration.milliseconds(25)

    func run() async throws {
        try await BenchmarkQueue.with(directory: directory) { bench in
            try await bench.keep(events, concurrency: 256)
            var steps: [Duration] = []
            var deleted = 0
            while true {
                let pruning = Pruning(before: SystemClock().now())
                let began = ContinuousClock.now
                let report = try await bench.queue.prune(pruning)
                steps.append(began.duration(to: .now))
                deleted += report.events
                guard report.hasMore else { break }
            }
            let total = steps.reduce(Duration.zero, +)
            let rows = deleted * Self.rowsOfEvent
            let thousands = total * 2000 / max(rows, 1)
            let spread = Percentiles(steps)
            print("\(rows) rows deleted in \(steps.count) steps: 2,000 rows in \(Percentiles.text(thousands))")
            print("one step, committed and synced: \(spread)")
            var reclaims: [Duration] = []
            var freed = 0
            while true {
                let began = ContinuousClock.now
                let report = try await bench.queue.reclaim(SpaceReclaim(spare: .mebibytes(1)))
                reclaims.append(began.duration(to: .now))
                freed += report.freed.bytes
                guard report.hasMore else { break }
            }
            print("\(ByteCount.bytes(freed).rounded) given back in \(reclaims.count) steps: \(Percentiles(reclaims))")
            guard thousands <= Self.mostForThousands, spread.greatest <= Self.mostForStep else {
                throw ExitCode.failure
            }
        }
    }
}
