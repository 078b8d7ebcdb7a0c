import ArgumentParser

/// `grapnel-bench`: the figures of the documentation, measured on the machine that it runs on.
@main
struct GrapnelBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grapnel-bench", abstract: "Measure Grapnel on this machine.",
        subcommands: [
            FollowBenchmark.self, IsolatesBenchmark.self, QueueBenchmark.self, RetentionBenchmark.self,
            TimingBenchmark.self,
        ])
}
