/// What a handler may ask of the hub during its run. Everything is checked against the recipe's manifest there.
public final class Hub {
    /// The run that this is for.
    public let run: Run
    private let channel: LineChannel
    private var lastID: UInt32 = 0

    init(run: Run, channel: LineChannel) {
        self.run = run
        self.channel = channel
    }

    /// Performs an operation now and waits for its answer. What the ledger has confirmed on an earlier attempt is
    /// returned, and nothing is sent.
    ///
    /// - Parameters:
    ///   - key: The step's own name, where its number in program order may change.
    ///   - timeout: The longest wait; 20 s when `nil`.
    /// - Throws: `CallError`.
    public func call<Output: Decodable>(
        _ connection: String, _ operation: String, _ input: some Encodable, key: String? = nil,
        timeout: Duration? = nil, as type: Output.Type = Output.self
    ) throws -> Output {
        var question = Question(type: "call", id: nextID(), connection: connection, operation: operation, input: input)
        question.key = key
        question.timeout = timeout.map(Hub.milliseconds)
        return try value(of: try channel.ask(question, for: Output.self))
    }

    /// Leaves an operation behind: committed with the run, performed afterwards with its own retries.
    public func send(
        _ connection: String, _ operation: String, _ input: some Encodable, key: String? = nil, delay: Duration? = nil
    ) throws {
        var question = Question(type: "send", connection: connection, operation: operation, input: input)
        question.key = key
        question.delay = delay.map(Hub.milliseconds)
        try channel.say(question)
    }

    /// Makes a new event of source `recipe:<name>`, committed with the run.
    ///
    /// - Parameters:
    ///   - key: The step's own name, where its number in program order may change.
    ///   - delay: How long the runs of the event wait.
    public func emit(
        _ event: String, _ data: some Encodable, key: String? = nil, delay: Duration? = nil
    ) throws {
        try channel.say(
            Question(type: "emit", key: key, delay: delay.map(Hub.milliseconds), event: event, data: data))
    }

    /// Writes a line of the run's log.
    public func log(_ message: String, level: LogLevel = .info, fields: [String: String] = [:]) throws {
        var question = Question<[String: String]>(type: "log", level: level.rawValue, message: message)
        if !fields.isEmpty { question.fields = fields }
        try channel.say(question)
    }

    /// Asks one of the recipe's `hosts:`. An answer of any status is returned.
    ///
    /// - Throws: `CallError`.
    public func fetch(
        _ url: String, method: String = "GET", headers: [[String]] = [], body: String? = nil
    ) throws -> Reply {
        let question = Question<Nothing>(
            type: "fetch", id: nextID(), method: method, url: url, headers: headers, body: body)
        let answer = try channel.ask(question, for: Nothing.self)
        if let error = answer.error { throw error }
        guard let reply = answer.reply else { throw ChannelError("a fetch was answered without a reply") }
        return reply
    }

    func ask<Input: Encodable, Output: Decodable>(
        _ question: Question<Input>, for type: Output.Type
    ) throws -> Output? {
        var question = question
        question.id = nextID()
        let answer = try channel.ask(question, for: Output.self)
        if let error = answer.error { throw error }
        return answer.value
    }

    static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }

    private func nextID() -> UInt32 {
        lastID += 1
        return lastID
    }

    private func value<Output: Decodable>(of answer: AnswerLine<Output>) throws -> Output {
        if let error = answer.error { throw error }
        if let value = answer.value { return value }
        guard let nothing = Nothing() as? Output else { throw ChannelError("the operation answered nothing") }
        return nothing
    }
}
