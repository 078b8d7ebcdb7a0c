package import GrapnelCore

/// `limits:` of a recipe, each with its default; the hub's `limits.run` caps them.
package struct RecipeLimits: Sendable, Hashable {
    /// CPU time of an attempt. Default 1 s, at most 60 s.
    package var cpu: Duration
    /// Time of an attempt. Default 30 s, at most 15 m.
    package var wall: Duration
    /// Memory beyond an empty isolate's. Default 64 MiB, at most 1 GiB.
    package var memory: ByteCount
    /// The bundle of the handler and what it imports. Default 4 MiB, at most 16 MiB.
    package var source: ByteCount
    /// The body of an event. Default 4 MiB, at most 25 MiB.
    package var event: ByteCount
    /// The result, a reply, or the input of one call or output. Default 1 MiB, at most 8 MiB.
    package var output: ByteCount
    /// Calls and fetches of an attempt. Default 50, at most 1,000.
    package var calls: Int
    /// Calls under way at a time; more wait for their turn. Default 10, at most 100.
    package var concurrency: Int
    /// Outputs of an attempt. Default 100, at most 1,000.
    package var outputs: Int
    /// Log of an attempt. Default 256 KiB, at most 4 MiB.
    package var log: ByteCount
    /// Lines of the log of an attempt. Default 1,000, at most 100,000.
    package var lines: Int
    /// Messages that an isolate may send in a second. Default 20,000, at most 1,000,000.
    package var messages: Int

    package init(
        cpu: Duration = .seconds(1), wall: Duration = .seconds(30), memory: ByteCount = .mebibytes(64),
        source: ByteCount = .mebibytes(4), event: ByteCount = .mebibytes(4), output: ByteCount = .mebibytes(1),
        calls: Int = 50, concurrency: Int = 10, outputs: Int = 100, log: ByteCount = .kibibytes(256),
        lines: Int = 1000, messages: Int = 20_000
    ) {
        self.cpu = cpu
        self.wall = wall
        self.memory = memory
        self.source = source
        self.event = event
        self.output = output
        self.calls = calls
        self.concurrency = concurrency
        self.outputs = outputs
        self.log = log
        self.lines = lines
        self.messages = messages
    }

    /// The most that any recipe may ask for.
    package static let greatest = RecipeLimits(
        cpu: .seconds(60), wall: .seconds(900), memory: .gibibytes(1), source: .mebibytes(16), event: .mebibytes(25),
        output: .mebibytes(8), calls: 1000, concurrency: 100, outputs: 1000, log: .mebibytes(4), lines: 100_000,
        messages: 1_000_000)

    /// The keys in which these limits are above `caps`, each with both values.
    package func above(_ caps: RecipeLimits) -> [(key: String, value: String, cap: String)] {
        var found: [(key: String, value: String, cap: String)] = []
        func compare<Value: Comparable>(_ key: String, _ path: (RecipeLimits) -> Value, _ text: (Value) -> String) {
            let (value, cap) = (path(self), path(caps))
            if value > cap { found.append((key, text(value), text(cap))) }
        }
        compare("cpu", \.cpu) { $0.text }
        compare("wall", \.wall) { $0.text }
        compare("memory", \.memory) { "\($0)" }
        compare("source", \.source) { "\($0)" }
        compare("event", \.event) { "\($0)" }
        compare("output", \.output) { "\($0)" }
        compare("calls", \.calls) { "\($0)" }
        compare("concurrency", \.concurrency) { "\($0)" }
        compare("outputs", \.outputs) { "\($0)" }
        compare("log", \.log) { "\($0)" }
        compare("lines", \.lines) { "\($0)" }
        compare("messages", \.messages) { "\($0)" }
        return found
    }
}
