package import GrapnelCore

/// `limits:` of a recipe, each with its default.
package struct RecipeLimits: Sendable, Hashable {
    /// CPU time of an attempt. Default 1 s, at most 60 s.
    package var cpu: Duration
    /// Time of an attempt. Default 30 s, at most 15 m.
    package var wall: Duration
    /// Memory beyond an empty isolate's. Default 64 MiB, at most 1 GiB.
    package var memory: ByteCount
    /// Calls and fetches of an attempt. Default 50, at most 1,000.
    package var calls: Int
    /// Outputs of an attempt. Default 100, at most 1,000.
    package var outputs: Int
    /// Log of an attempt. Default 256 KiB, at most 4 MiB.
    package var log: ByteCount

    package init(
        cpu: Duration = .seconds(1), wall: Duration = .seconds(30), memory: ByteCount = .mebibytes(64),
        calls: Int = 50, outputs: Int = 100, log: ByteCount = .kibibytes(256)
    ) {
        self.cpu = cpu
        self.wall = wall
        self.memory = memory
        self.calls = calls
        self.outputs = outputs
        self.log = log
    }
}
