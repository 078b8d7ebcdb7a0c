import Glibc
import GrapnelCore
import GrapnelRun
import Logging

/// A pool of isolates for one measurement.
struct BenchmarkPool: Sendable {
    /// A run that failed: then a figure would mean nothing.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// `grapnel-isolate` beside this program.
    static var executable: String {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count)
        let program = String(decoding: path[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return program.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/grapnel-isolate"
    }

    private let pool: IsolatePool

    static func with<Value: Sendable>(
        _ configuration: IsolatePoolConfiguration, _ body: (BenchmarkPool) async throws -> Value
    ) async throws -> Value {
        let pool = IsolatePool(
            configuration: configuration, clock: SystemClock(),
            logger: Logger(label: "bench") { StreamLogHandler.standardError(label: $0) })
        let keeping = Task { try await pool.run() }
        defer { keeping.cancel() }
        let bench = BenchmarkPool(pool: pool)
        _ = try await bench.time(BenchmarkJob.handler(event: BenchmarkJob.event(bytes: 100)))
        let value = try await body(bench)
        keeping.cancel()
        try await keeping.value
        return value
    }

    private init(pool: IsolatePool) { self.pool = pool }

    /// The newest child of this process: the zygote.
    var zygote: pid_t { ProcessMemory.children(of: getpid()).last ?? 0 }

    /// The isolates that live.
    var isolates: [pid_t] { ProcessMemory.children(of: zygote) }

    /// Executes a job, and says how long that took.
    func time(_ job: IsolateJob) async throws -> Duration {
        let began = ContinuousClock.now
        let outcome = await pool.execute(job, host: BenchmarkJob.host)
        let took = began.duration(to: .now)
        guard case .returned = outcome.result else { throw Failure(description: "\(outcome.result)") }
        return took
    }

    /// Executes a job, whatever comes of it.
    func outcome(_ job: IsolateJob) async -> IsolateOutcome { await pool.execute(job, host: BenchmarkJob.host) }

    func execute(_ job: IsolateJob, times: Int, atOnce: Int) async throws {
        try await execute([job], times: times, atOnce: atOnce)
    }

    /// Executes jobs in turn, some of them at a time.
    func execute(_ jobs: [IsolateJob], times: Int, atOnce: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<atOnce {
                group.addTask {
                    for number in stride(from: worker, to: times, by: atOnce) {
                        _ = try await time(jobs[number % jobs.count])
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
