import GrapnelCore

/// What passes between the hub and a program during one run, within the run's limits. Owned by the worker's thread.
final class ProcessExchange {
    let task: IsolateTask
    /// How the run ended; `nil` while it goes on.
    var result: IsolateOutcome.Result?
    /// Whether the program may not be used again.
    var isFatal = false
    /// Whether the program said anything in this run.
    private(set) var hasSpoken = false
    /// Whether the run is for another program: this one ended without hearing of it.
    var isUnheard = false
    private let inbox: IsolateInbox
    private let mostPending: Int
    private let clock: any HubClock
    /// What was asked for and not answered.
    private var pending: Set<UInt32> = []
    /// How many of them the hub is at work on.
    private var underWay = 0
    private var output: [UInt8] = []
    private var isOutputCut = false

    init(task: IsolateTask, inbox: IsolateInbox, pending: Int, clock: any HubClock) {
        self.task = task
        self.inbox = inbox
        self.mostPending = pending
        self.clock = clock
    }

    /// Whether the program was not started because its file was open for writing (`ETXTBSY`).
    var isTextBusy: Bool {
        guard !hasSpoken, case .failed(let failure)? = result else { return false }
        return failure.kind == .exit && failure.message.hasSuffix("Text file busy")
    }

    /// Ends the run, and the program with it.
    func kill(_ failure: AttemptFailure) {
        isFatal = true
        if result == nil { result = .failed(failure) }
    }

    /// The program did not keep to the protocol. A result that came before stands, but the program goes.
    func breach(_ error: FrameError) {
        kill(AttemptFailure(.protocol, "the handler broke the protocol: \(error)"))
    }

    /// The line that tells an answer; `nil` when nobody waits for it.
    func settle(_ id: UInt32, _ answer: IsolateAnswer) -> [UInt8]? {
        guard pending.remove(id) != nil else { return nil }
        underWay -= 1
        if !task.waiting.isEmpty { begin(task.waiting.removeFirst()) }
        if case .endRun(let failure) = answer { kill(failure) }
        return answer.line(id: id)
    }

    func take(_ line: [UInt8]) throws(FrameError) {
        guard result == nil else { throw FrameError("it spoke after the end of its run") }
        hasSpoken = true
        if let refusal = task.refusalOfMessage(at: clock.monotonic()) { return kill(refusal) }
        let message = try ProcessMessage.parse(line)
        if let refusal = task.refusal(of: message, size: line.count) { return kill(refusal) }
        switch message {
        case .ready, .loaded, .forbidden: throw FrameError("an unknown message")
        case .failed(let failure): result = .failed(failure)
        case .returned(let value): result = .returned(value)
        case .replied(let reply): result = .replied(reply)
        case .log(let level, let message, let fields):
            log(LogLine(level: level, at: clock.now(), message: message, fields: fields))
        case .call(let id, let connection, let operation, let input, let key, let timeout):
            try perform(id) {
                .call(
                    connection: connection, operation: operation, input: input,
                    step: task.step("\(connection).\(operation)", key: key), timeout: timeout)
            }
        case .fetch(let id, let method, let url, let headers, let body):
            try perform(id) {
                .fetch(
                    method: method, url: url, headers: headers, body: body, step: task.step("fetch", key: nil),
                    timeout: nil)
            }
        case .keyValue(let id, let operation): try perform(id) { .keyValue(operation) }
        case .send(let connection, let operation, let input, let key, let delay):
            let step = task.step("\(connection).\(operation)", key: key)
            send(
                .send(
                    OutputRequest(
                        connection: connection, operation: operation, input: input, step: step, delay: delay)))
        case .emit(let type, let data, let key, let delay, let at):
            let step = task.step("emit", key: key)
            send(.emit(EventEmission(type: type, data: data, step: step, delay: delay, at: at)))
        }
    }

    /// Takes a line of the log as far as there is room for it.
    func log(_ line: LogLine) { task.log(line) }

    /// Keeps what a `once` program writes, up to a size.
    func collect(_ bytes: ArraySlice<UInt8>, atMost most: Int) {
        let room = most - output.count
        output += bytes.prefix(room)
        guard bytes.count > room, !isOutputCut else { return }
        isOutputCut = true
        log(
            LogLine(
                level: .warn, at: clock.now(),
                message: "its output is longer than \(ByteCount(bytes: most)) and was cut"))
    }

    /// What was kept of the output, without the line ends after it; `nil` when there was none.
    var outputText: String? {
        var text = output[...]
        while text.last == UInt8(ascii: "\n") || text.last == UInt8(ascii: "\r") { text.removeLast() }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }

    private func perform(_ id: UInt32, _ operation: () -> IsolateOperation) throws(FrameError) {
        guard pending.insert(id).inserted else { throw FrameError("it asked twice under the id \(id)") }
        guard pending.count <= mostPending else { throw FrameError("it awaits more than \(mostPending) answers") }
        let operation = operation()
        if let refusal = task.refusal(of: operation) { return kill(refusal) }
        let asked = IsolateTask.Asked(id: id, operation: operation)
        if underWay < task.job.limits.concurrency { begin(asked) } else { task.waiting.append(asked) }
    }

    private func begin(_ asked: IsolateTask.Asked) {
        underWay += 1
        let (host, number, inbox) = (task.host, task.id, inbox)
        let remaining = max(.zero, (task.deadline ?? .zero) - clock.monotonic())
        // Not structured: the operation goes on, and is recorded, also when the program that asked for it dies.
        Task {
            let answer = await host.perform(asked.operation, remaining: remaining)
            _ = inbox.post(.settle(task: number, operation: asked.id, answer))
        }
    }

    private func send(_ output: IsolateOutput) {
        if let refusal = task.send(output) { kill(refusal) }
    }
}
