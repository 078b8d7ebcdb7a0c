import GrapnelCore

/// A job on its way through the pool: waiting for an isolate, then in one. Unchecked, because it is made by the caller of
/// `execute` and from then on touched by the isolates' thread alone.
final class IsolateTask: @unchecked Sendable {
    /// An operation that an isolate asked for, by its number in it.
    struct Asked {
        let id: UInt32
        let operation: IsolateOperation
    }

    /// The most that operations which wait for others may say. 16 MiB.
    static let mostWaiting = ByteCount.mebibytes(16)

    let id: UInt64
    let job: IsolateJob
    /// Whose code it runs, in how much memory.
    let key: IsolateChild.Key
    let host: any IsolateHost
    let askedAt: Duration
    private let finish: @Sendable (IsolateOutcome) -> Void

    /// When it is stopped; set when it gets its isolate.
    var deadline: Duration?
    var coldStart = false
    var calls = 0
    var outputs = 0
    var logBytes = 0
    var logLines = 0
    /// Operations that wait for others to be answered.
    var waiting: [Asked] = []
    /// What they say, in bytes, since the last time that none waited.
    var waitingBytes = 0
    /// Whether its code is loaded.
    var isLoaded = false
    /// Messages in the second that began at `messagesSince`.
    var messages = 0
    var messagesSince: Duration = .zero
    var droppedLogLines = 0
    /// The next number of each step without a key, in program order.
    private var steps: [String: Int] = [:]

    init(
        id: UInt64, job: IsolateJob, host: any IsolateHost, askedAt: Duration,
        finish: @escaping @Sendable (IsolateOutcome) -> Void
    ) {
        self.id = id
        self.job = job
        key = IsolateChild.Key(
            tenant: job.tenant, recipe: job.recipe, version: job.version, budget: job.limits.memory.bytes)
        self.host = host
        self.askedAt = askedAt
        self.finish = finish
    }

    /// The step of an operation: the author's key, else `name#n`.
    func step(_ name: String, key: String?) -> String {
        if let key { return key }
        let number = steps[name, default: 0] + 1
        steps[name] = number
        return "\(name)#\(number)"
    }

    /// Counts a message of the run; `false` when there were too many in a second.
    func countsMessage(at now: Duration) -> Bool {
        messages += 1
        guard messages > job.limits.messages else { return true }
        defer {
            messages = 1
            messagesSince = now
        }
        return now - messagesSince >= .seconds(1)
    }

    func end(_ result: IsolateOutcome.Result, now: Duration, cpu: Duration? = nil, peak: ByteCount? = nil) {
        finish(
            IsolateOutcome(
                result: result, coldStart: coldStart, took: now - askedAt, cpu: cpu, peakMemory: peak,
                droppedLogLines: droppedLogLines))
    }
}
