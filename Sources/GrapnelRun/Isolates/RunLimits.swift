package import GrapnelCore

/// What one run of a recipe may use: `limits:` of recipe.yaml.
package struct RunLimits: Sendable, Hashable {
    /// Processor time, all threads of the isolate together. Default 1 s.
    package var cpu: Duration
    /// Time from the moment the isolate gets the run until its result. Default 30 s.
    package var wall: Duration
    /// What the isolate may allocate beyond what an empty one holds. Default 64 MiB.
    package var memory: ByteCount
    /// The body of the event. A larger one fails the run before it begins. Default 4 MiB.
    package var event: ByteCount
    /// The result, a reply, or the input of one call or output. A larger one fails the run. Default 1 MiB.
    package var output: ByteCount
    /// Messages and fields of the log together; the rest is dropped and counted. Default 256 KiB.
    package var log: ByteCount
    /// Lines of the log; the rest is dropped and counted. Default 1,000.
    package var lines: Int
    /// Awaited calls and fetches together. One more fails the run. Default 50.
    package var calls: Int
    /// Calls and fetches under way at a time; more wait for their turn. Default 10.
    package var concurrency: Int
    /// Messages of the isolate in a second. More fail the run. Default 20,000.
    package var messages: Int
    /// Outputs and emitted events together. One more fails the run. Default 100.
    package var outputs: Int

    package init(
        cpu: Duration = .seconds(1), wall: Duration = .seconds(30), memory: ByteCount = .mebibytes(64),
        event: ByteCount = .mebibytes(4), output: ByteCount = .mebibytes(1), log: ByteCount = .kibibytes(256),
        lines: Int = 1000, calls: Int = 50, concurrency: Int = 10, messages: Int = 20_000, outputs: Int = 100
    ) {
        self.cpu = cpu
        self.wall = wall
        self.memory = memory
        self.event = event
        self.output = output
        self.log = log
        self.lines = lines
        self.calls = calls
        self.concurrency = concurrency
        self.messages = messages
        self.outputs = outputs
    }
}
