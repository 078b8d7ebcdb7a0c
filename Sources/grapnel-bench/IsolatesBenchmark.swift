import ArgumentParser
import Glibc
import GrapnelCore
import GrapnelRun
import Logging

/// `grapnel-bench isolates`: how fast isolates start and run, and what they weigh.
struct IsolatesBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "isolates", abstract: "Cold and warm runs, memory, and whether many runs leave anything behind.")

    @Option(name: .long, help: "Samples of a cold start.")
    var cold = 1000
    @Option(name: .long, help: "Runs of the warm measurements.")
    var warm = 40_000
    @Option(name: .long, help: "Isolates that live at a time.")
    var live = 500
    @Option(name: .long, help: "Runs of the search for leaks; 0 leaves it out.")
    var runs = 100_000

    func run() async throws {
        try await coldStarts()
        try await rate()
        for (name, body) in [("2 KB", BenchmarkJob.event(bytes: 2000)), ("10 KB", BenchmarkJob.event(bytes: 10_000))] {
            try await warmRuns(name, body)
        }
        try await waiting(allowsJIT: true)
        try await waiting(allowsJIT: false)
        try await population()
        try await bombs()
        try await overruns()
        if runs > 0 { try await leaks() }
    }

    /// One after another, each of code that no isolate has seen.
    private func coldStarts() async throws {
        let event = BenchmarkJob.event(bytes: 10_000)
        let samples = try await BenchmarkPool.with(IsolatePoolConfiguration(executable: BenchmarkPool.executable)) {
            pool in
            var samples: [Duration] = []
            for number in 0..<cold {
                // The pool refills off the path: a start is measured when there is a child that waits.
                try await Task.sleep(for: .milliseconds(12))
                samples.append(try await pool.time(BenchmarkJob.unique(number, event: event)))
            }
            return samples
        }
        print("cold start, 3 KB of new code, 10 KB event   \(Percentiles(samples))")
    }

    /// New code 200 times a second, whether or not the run before is over.
    private func rate() async throws {
        let event = BenchmarkJob.event(bytes: 10_000)
        let samples = try await BenchmarkPool.with(
            IsolatePoolConfiguration(executable: BenchmarkPool.executable, maxIsolates: 128)
        ) { pool in
            try await withThrowingTaskGroup(of: Duration.self) { group in
                let start = ContinuousClock.now
                for number in 0..<1000 {
                    try await Task.sleep(until: start + .milliseconds(5) * number)
                    group.addTask { try await pool.time(BenchmarkJob.unique(number, event: event)) }
                }
                var samples: [Duration] = []
                for try await sample in group { samples.append(sample) }
                return samples
            }
        }
        let (early, late) = (samples.prefix(300), samples.suffix(300))
        print("200 cold starts a second for 5 s            \(Percentiles(samples))")
        let medians = [early, late].map { Percentiles.text(Percentiles(Array($0)).median) }
        print("  median of the first and the last 300      \(medians.joined(separator: ", "))")
    }

    /// One isolate, as fast as it goes.
    private func warmRuns(_ name: String, _ event: Event) async throws {
        let job = BenchmarkJob.handler(event: event)
        // One isolate: the rest of the line waits for it.
        let configuration = IsolatePoolConfiguration(
            executable: BenchmarkPool.executable, waiting: 1, eager: 1, patience: .seconds(60), maxRuns: .max)
        try await BenchmarkPool.with(configuration) { pool in
            _ = try await pool.time(job)
            let began = ContinuousClock.now
            try await pool.execute(job, times: warm, atOnce: 16)
            let took = began.duration(to: .now)
            let hot = pool.isolates.map { ProcessMemory.proportional($0) }.max() ?? 0
            print("warm, one isolate, \(name) event              \(Int(Double(warm) / (took / .seconds(1)))) runs/s")
            print("  that isolate after \(warm) runs              \(Self.megabytes(hot)) (PSS)")
        }
    }

    /// Children without code, as many as a busy hub has of all kinds, since they share the zygote's memory.
    private func waiting(allowsJIT: Bool) async throws {
        let configuration = IsolatePoolConfiguration(
            executable: BenchmarkPool.executable, waiting: live / 2, maxIsolates: live, allowsJIT: allowsJIT)
        try await BenchmarkPool.with(configuration) { pool in
            while pool.isolates.count < live / 2 { try await Task.sleep(for: .milliseconds(50)) }
            try await Task.sleep(for: .milliseconds(500))
            let isolates = pool.isolates
            let total = isolates.reduce(0) { $0 + ProcessMemory.proportional($1) }
            let name = allowsJIT ? "with JIT   " : "without JIT"
            print(
                "waiting child \(name)                   \(Self.megabytes(total / isolates.count)) (mean PSS of \(isolates.count))"
            )
        }
    }

    /// What a run waits that follows one which took too much.
    private func bombs() async throws {
        let event = BenchmarkJob.event(bytes: 2000)
        let handlers = [
            "for (;;) {}", "for (;;) await null", "let s = 'x'; for (;;) s += s", "return Array(1e8).fill({})",
            "const down = (n) => down(n + 1) + 1; return down(0)", "for (;;) log.info('again')",
        ]
        try await BenchmarkPool.with(IsolatePoolConfiguration(executable: BenchmarkPool.executable)) { pool in
            var samples: [Duration] = []
            for (number, handler) in handlers.enumerated() {
                _ = await pool.outcome(
                    BenchmarkJob.bomb(
                        handler, "bomb-\(number)", event: event, limits: RunLimits(cpu: .milliseconds(100))))
                samples.append(try await pool.time(BenchmarkJob.unique(number, event: event)))
            }
            print("the next run after each of \(handlers.count) bombs           \(Percentiles(samples))")
        }
    }

    /// How far beyond its limits a run gets before it is stopped.
    private func overruns() async throws {
        let event = BenchmarkJob.event(bytes: 2000)
        let time = RunLimits(cpu: .milliseconds(100), wall: .milliseconds(300))
        let memory = RunLimits(cpu: .seconds(10), memory: .mebibytes(64))
        let waits = ["await new Promise((done) => setTimeout(done, 60_000))"]
        let loops = [
            "for (;;) {}", "for (;;) await null", "const down = () => { try { down() } finally { down() } }; down()",
        ]
        let eaters = [
            "const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(7))",
            "const all = []; for (;;) all.push({ n: all.length, list: [1, 2, 3] })",
            "let s = 'x'; for (;;) s = (s + s).slice(0, 1 << 24) + Math.random()", "return Array(1e8).fill({ a: 1 })",
        ]
        try await BenchmarkPool.with(IsolatePoolConfiguration(executable: BenchmarkPool.executable)) { pool in
            var (cpu, wall, size) = (Duration.zero, Duration.zero, 0)
            let empty = pool.isolates.map { ProcessMemory.resident($0) }.max() ?? 0
            for round in 0..<5 {
                for (number, handler) in loops.enumerated() {
                    let name = "loop-\(round)-\(number)"
                    let outcome = await pool.outcome(BenchmarkJob.bomb(handler, name, event: event, limits: time))
                    cpu = max(cpu, (outcome.cpu ?? .zero) - time.cpu)
                }
                for handler in waits {
                    let outcome = await pool.outcome(
                        BenchmarkJob.bomb(handler, "wait-\(round)", event: event, limits: time))
                    wall = max(wall, outcome.took - time.wall)
                }
                for (number, handler) in eaters.enumerated() {
                    let name = "eater-\(round)-\(number)"
                    let outcome = await pool.outcome(BenchmarkJob.bomb(handler, name, event: event, limits: memory))
                    size = max(size, (outcome.peakMemory?.bytes ?? 0) - empty - memory.memory.bytes)
                }
            }
            print("beyond the limit of processor time          \(Percentiles.text(cpu)) at the most")
            print("beyond the limit of time                    \(Percentiles.text(wall)) at the most")
            print("beyond the limit of memory                  \(Self.megabytes(max(0, size))) at the most")
        }
    }

    /// Many at a time, each with code of its own.
    private func population() async throws {
        let event = BenchmarkJob.event(bytes: 2000)
        let configuration = IsolatePoolConfiguration(
            executable: BenchmarkPool.executable, maxIsolates: live + 8)
        try await BenchmarkPool.with(configuration) { pool in
            for number in 0..<live { _ = try await pool.time(BenchmarkJob.unique(number, event: event)) }
            let isolates = pool.isolates
            let total = isolates.reduce(0) { $0 + ProcessMemory.proportional($1) }
            print("\(isolates.count) live isolates, each with its own code     \(Self.megabytes(total)) (PSS of all)")
        }
    }

    /// What grows while isolates come and go.
    private func leaks() async throws {
        let event = BenchmarkJob.event(bytes: 2000)
        let jobs = (0..<8).map { BenchmarkJob.unique($0, event: event) }
        try await BenchmarkPool.with(IsolatePoolConfiguration(executable: BenchmarkPool.executable)) { pool in
            try await pool.execute(jobs, times: runs / 10, atOnce: 16)
            let before = (hub: ProcessMemory.resident(getpid()), zygote: ProcessMemory.resident(pool.zygote))
            try await pool.execute(jobs, times: runs, atOnce: 16)
            let after = (hub: ProcessMemory.resident(getpid()), zygote: ProcessMemory.resident(pool.zygote))
            print(
                "\(runs) runs more: hub \(Self.megabytes(before.hub)) → \(Self.megabytes(after.hub)), zygote "
                    + "\(Self.megabytes(before.zygote)) → \(Self.megabytes(after.zygote)), \(pool.isolates.count) isolates"
            )
        }
    }

    private static func megabytes(_ bytes: Int) -> String {
        let tenths = bytes / 104_858
        return "\(tenths / 10).\(tenths % 10) MB"
    }
}
