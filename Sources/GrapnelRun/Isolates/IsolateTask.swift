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

    // MARK: Limits that count, for isolates and programs alike

    /// Counts a message of the run; the failure when there were too many in a second.
    func refusalOfMessage(at now: Duration) -> AttemptFailure? {
        messages += 1
        guard messages > job.limits.messages else { return nil }
        let isInTime = now - messagesSince >= .seconds(1)
        messages = 1
        messagesSince = now
        return isInTime
            ? nil : IsolateTask.beyond("sent more than \(job.limits.messages) messages in a second (limits.messages)")
    }

    /// The failure when what a run says to others is too large.
    func refusal(of message: IsolateMessage, size: Int) -> AttemptFailure? {
        guard !message.isForHub, size > job.limits.output.bytes else { return nil }
        return IsolateTask.beyond("said \(ByteCount(bytes: size)) at once; limits.output is \(job.limits.output)")
    }

    /// Counts an operation that waits for an answer; the failure when it is one call too many.
    func refusal(of operation: IsolateOperation) -> AttemptFailure? {
        if case .keyValue = operation { return nil }
        calls += 1
        guard calls > job.limits.calls else { return nil }
        return IsolateTask.beyond("made more than \(job.limits.calls) calls (limits.calls)")
    }

    /// Gives an output to the host; the failure when it is one too many.
    func send(_ output: IsolateOutput) -> AttemptFailure? {
        outputs += 1
        guard outputs <= job.limits.outputs else {
            return IsolateTask.beyond("left more than \(job.limits.outputs) outputs (limits.outputs)")
        }
        host.send(output)
        return nil
    }

    /// Gives a line of the log to the host, as far as there is room for it; the rest is counted.
    func log(_ line: LogLine) {
        let size = line.message.utf8.count + (line.fields.map { JSONWriter.bytes($0).count } ?? 0) + 16
        logLines += 1
        guard logBytes + size <= job.limits.log.bytes, logLines <= job.limits.lines else {
            droppedLogLines += 1
            return
        }
        logBytes += size
        host.log(line)
    }

    /// The failure of a handler that went beyond a limit.
    static func beyond(_ what: String) -> AttemptFailure {
        AttemptFailure(.limit, "the handler \(what)", isRetryable: false)
    }

    func end(_ result: IsolateOutcome.Result, now: Duration, cpu: Duration? = nil, peak: ByteCount? = nil) {
        finish(
            IsolateOutcome(
                result: result, coldStart: coldStart, took: now - askedAt, cpu: cpu, peakMemory: peak,
                droppedLogLines: droppedLogLines))
    }
}
