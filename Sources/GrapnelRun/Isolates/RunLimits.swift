package import GrapnelCore

/// What one run of a recipe may use: `limits:` of recipe.yaml.
package struct RunLimits: Sendable, Hashable {
    /// Processor time, all threads of the isolate together. Default 1 s.
    package var cpu: Duration
    /// Time from the moment the isolate gets the run until its result. Default 30 s.
    package var wall: Duration
    /// What the isolate may allocate beyond what an empty one holds. Default 64 MiB.
    package var memory: ByteCount
    /// Messages and fields of the log together; the rest is dropped and counted. Default 256 KiB.
    package var log: ByteCount
    /// Awaited calls and fetches together. One more fails the run. Default 50.
    package var calls: Int
    /// Outputs and emitted events together. One more fails the run. Default 100.
    package var outputs: Int

    package init(
        cpu: Duration = .seconds(1), wall: Duration = .seconds(30), memory: ByteCount = .mebibytes(64),
        log: ByteCount = .kibibytes(256), calls: Int = 50, outputs: Int = 100
    ) {
        self.cpu = cpu
        self.wall = wall
        self.memory = memory
        self.log = log
        self.calls = calls
        self.outputs = outputs
    }
}
