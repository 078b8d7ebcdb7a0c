import ArgumentParser
import Glibc
import GrapnelSimulation

/// `grapnel-simulate`: runs seeds of the simulation, in several processes, or one of them with everything that happens.
@main struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grapnel-simulate", abstract: "Run a hub and its world on one thread, from a seed.",
        subcommands: [Storms.self])

    /// Seeds of one process: what a crash of a simulated hub leaves behind stays in memory.
    private static let chunk: UInt64 = 50
    private static let determinism = "SWIFT_DETERMINISTIC_HASHING"

    @Option(help: "How many seeds to run.") var seeds: UInt64 = 2000
    @Option(help: "The first of them.") var first: UInt64 = 1
    @Option(help: "Run this seed alone.") var seed: UInt64?
    @Flag(help: "Print everything that happens.") var trace = false
    @Flag(help: "Print the hash of each seed.") var hashes = false
    @Option(help: "Processes at a time.") var jobs = 2
    @Option(help: "The commit that is simulated, for the report of a failure.") var commit: String?

    func run() throws {
        try Simulate.beDeterministic()
        if let seed { return try run(seed) }
        if seeds <= Simulate.chunk {
            for seed in first..<(first + seeds) { try run(seed) }
            return
        }
        try runChunks()
    }

    private func run(_ seed: UInt64) throws {
        let report = try Simulation(seed: seed, prints: trace).run()
        if hashes || self.seed != nil {
            print(
                "seed \(seed): hash \(String(report.hash, radix: 16)), \(report.steps) jobs, \(report.time / 1000) s, "
                    + "\(report.events) events, \(report.requests) requests, \(report.boots) boots")
        }
        guard let violation = report.violation else { return }
        if !trace { report.tail.forEach { print($0) } }
        print("seed \(seed) of commit \(commit ?? "unknown") fails: \(violation)")
        print("repeat it: grapnel-simulate --seed \(seed) --trace")
        throw ExitCode.failure
    }

    /// Runs chunks of seeds in processes of their own until one fails or all are done.
    private func runChunks() throws {
        var next = first
        var running: [pid_t: UInt64] = [:]
        var hasFailed = false
        while next < first + seeds && !hasFailed || !running.isEmpty {
            while running.count < max(jobs, 1), next < first + seeds, !hasFailed {
                let count = min(Simulate.chunk, first + seeds - next)
                running[try start(from: next, count: count)] = next
                next += count
            }
            var status: Int32 = 0
            let process = waitpid(-1, &status, 0)
            guard process > 0, let chunk = running.removeValue(forKey: process) else { continue }
            if status != 0 {
                hasFailed = true
                print("seeds from \(chunk) on: one failed (\(status))")
            }
        }
        if hasFailed { throw ExitCode.failure }
        print("\(seeds) seeds from \(first) on: every invariant held")
    }

    private func start(from first: UInt64, count: UInt64) throws -> pid_t {
        var words = ["grapnel-simulate", "--first", "\(first)", "--seeds", "\(count)"]
        if hashes { words.append("--hashes") }
        if let commit { words += ["--commit", commit] }
        var process: pid_t = 0
        let code = Simulate.withWords(words) { posix_spawn(&process, "/proc/self/exe", nil, nil, $0, environ) }
        guard code == 0 else { throw ValidationError("no process could be started: \(code)") }
        return process
    }

    /// Starts the program again when it must be: the order of dictionaries and sets must be the seed's too, and the
    /// runtime reads that when it starts.
    static func beDeterministic() throws {
        guard getenv(determinism) == nil else { return }
        setenv(determinism, "1", 1)
        _ = Simulate.withWords(CommandLine.arguments) { execv("/proc/self/exe", $0) }
        throw ValidationError("the program could not start itself again: \(errno)")
    }

    private static func withWords(
        _ words: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        var copies = words.map { strdup($0) } + [nil]
        defer { copies.forEach { free($0) } }
        return copies.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { body(UnsafePointer($0)) } ?? -1
        }
    }
}
