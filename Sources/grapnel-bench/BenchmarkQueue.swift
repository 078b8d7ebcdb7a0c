import Glibc
import GrapnelCore
import GrapnelQueue
import Logging

/// A queue in a folder of its own, for one measurement.
struct BenchmarkQueue: Sendable {
    private static let version = RecipeVersion(String(repeating: "5e", count: 32))

    let queue: SQLiteQueue
    /// Where its database is.
    let path: String
    private let clock = SystemClock()
    private let ids = IdentifierGenerator(clock: SystemClock(), random: SystemRandomSource())

    /// Opens a queue for as long as `body` takes, and deletes it.
    ///
    /// - Parameters:
    ///   - directory: Where its folder is made.
    ///   - name: Tells it from others of this process.
    static func with(
        directory: String?, name: String = "", _ body: (BenchmarkQueue) async throws -> Void
    ) async throws {
        let parent = directory ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let folder = "\(parent)/grapnel-bench-\(getpid())\(name)"
        guard mkdir(folder, 0o700) == 0 else {
            throw BenchmarkPool.Failure(description: "\(folder) cannot be made: \(String(cString: strerror(errno)))")
        }
        let path = "\(folder)/grapnel.db"
        defer {
            for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) }
            rmdir(folder)
        }
        let clock = SystemClock()
        var logger = Logger(label: "bench") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let queue = try await SQLiteQueue.open(
            path: path, clock: clock, ids: IdentifierGenerator(clock: clock, random: SystemRandomSource()),
            node: "bench", logger: logger)
        do {
            try await body(BenchmarkQueue(queue: queue, path: path))
        } catch {
            await queue.close()
            throw error
        }
        await queue.close()
    }

    private init(queue: SQLiteQueue, path: String) {
        self.queue = queue
        self.path = path
    }

    func time(_ body: (BenchmarkQueue) async throws -> Void) async throws -> Duration {
        let began = ContinuousClock.now
        try await body(self)
        return began.duration(to: .now)
    }

    /// How many runs succeeded.
    func finished() async throws -> Int { try await queue.counts().runs[.succeeded] ?? 0 }

    /// Accepts events of half a kilobyte that one recipe wants.
    func accept(_ count: Int, concurrency: Int) async throws {
        try await each(count, concurrency) { _ in _ = try await queue.accept(event(startNow: false)) }
    }

    /// Claims so many runs, as many at once as a node does.
    func claim(_ count: Int) async throws -> [LeasedRun] {
        var claimed: [LeasedRun] = []
        claimed.reserveCapacity(count)
        while claimed.count < count {
            let runs = try await queue.claimRuns(RunClaim(limit: 64, lease: .seconds(3600)))
            guard !runs.isEmpty else { throw BenchmarkPool.Failure(description: "runs are missing") }
            claimed += runs
        }
        return claimed
    }

    /// Finishes runs, each with its attempt.
    func finish(_ runs: [LeasedRun], concurrency: Int) async throws {
        try await each(runs.count, concurrency) { try await finish(runs[$0]) }
    }

    /// Accepts and finishes runs by the quick way.
    func keep(_ count: Int, concurrency: Int) async throws {
        try await each(count, concurrency) { _ in
            for run in try await queue.accept(event(startNow: true)).leased { try await finish(run) }
        }
    }

    private func finish(_ run: LeasedRun) async throws {
        let finish = RunFinish(
            run: run.run.id, fence: run.fence, decision: .succeed, counters: run.run.counters.counting(nil),
            attempt: Attempt(
                ordinal: 1, startedAt: clock.now(), took: .milliseconds(1), failure: nil, version: Self.version,
                coldStart: false),
            version: Self.version)
        guard case .finished = try await queue.finishRun(finish) else {
            throw BenchmarkPool.Failure(description: "run \(run.run.id) was not finished")
        }
    }

    private func event(startNow: Bool) -> AcceptedRequest {
        let body = Array(#"{"action":"opened","number":57,"text":"\#(String(repeating: "x", count: 460))"}"#.utf8)
        let now = clock.now()
        let headers = HeaderFields([("Content-Type", "application/json"), ("X-GitHub-Event", "issues")])
        let id = ids.next(Event.self)
        let event = Event(
            id: id, tenant: .default, source: "github", type: "issues.opened", deliveryID: "\(id)", receivedAt: now,
            headers: headers, query: "", raw: body, bodyKind: .json)
        return AcceptedRequest(
            id: ids.next(), tenant: .default, source: "github",
            request: InboundRequest(
                method: "POST", url: "https://hub.example/hooks/github", query: "", headers: headers, body: body,
                peer: "192.0.2.1", receivedAt: now),
            verdict: Verdict(scheme: "sha256", secretName: "SECRET", secretVersion: "1"),
            events: [
                AcceptedRequest.NewEvent(
                    event: event, fingerprint: [UInt8](repeating: 7, count: 32),
                    runs: [
                        AcceptedRequest.NewRun(
                            id: ids.next(), recipe: "bench", version: Self.version, startNow: startNow)
                    ])
            ], dedupeWindow: .seconds(604_800), lease: .seconds(3600))
    }

    private func each(_ count: Int, _ concurrency: Int, _ body: @Sendable @escaping (Int) async throws -> Void)
        async throws
    {
        try await withThrowingTaskGroup { group in
            for worker in 0..<concurrency {
                group.addTask {
                    for number in stride(from: worker, to: count, by: concurrency) { try await body(number) }
                }
            }
            try await group.waitForAll()
        }
    }
}
