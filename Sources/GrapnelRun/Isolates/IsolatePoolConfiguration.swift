package import GrapnelCore

/// How many isolates a hub keeps, and for how long.
package struct IsolatePoolConfiguration: Sendable {
    /// The path of the `grapnel-isolate` executable.
    package var executable: String
    /// Children that wait for their first code, refilled off the path of runs. Default 8.
    package var waiting: Int
    /// Children altogether, waiting ones included. Default 256.
    package var maxIsolates: Int
    /// Isolates of one recipe that may compute at a time before a job waits for one of them (`patience`) rather than
    /// for a new one: more processes than cores are no gain. Those that wait for an answer do not count. Default 8.
    package var eager: Int
    /// How long a job waits for one of its recipe's isolates before it gets another. Default 50 ms.
    package var patience: Duration
    /// Resident memory of all children together, above which idle ones are killed. Default 2 GiB.
    package var memory: ByteCount
    /// Just-in-time compilation. Off for a hub with several tenants: then no page may become executable.
    package var allowsJIT: Bool
    /// WebAssembly, whose compiler starts threads: only for recipes that import some. Default false.
    package var allowsWebAssembly: Bool
    /// Whether nothing is started before the first job. Default false.
    package var startsWhenNeeded: Bool
    /// How long a warm child waits for its next run. Default 5 min.
    package var idleAge: Duration
    /// Runs after which a warm child is replaced. Default 1,000.
    package var maxRuns: Int
    /// The memory budget that waiting children are made with; a recipe with another one gets its own child. Default
    /// 64 MiB.
    package var defaultMemory: ByteCount
    /// How long a zygote forks before another takes its place: its children share its layout of memory, so what one
    /// finds out of it holds for the others. Default 1 h.
    package var zygoteAge: Duration
    /// Forks of a zygote before another takes its place. Default 100,000.
    package var zygoteForks: Int
    /// How long a new child may take until it is ready. Default 5 s.
    package var readyWithin: Duration

    package init(
        executable: String, waiting: Int = 8, maxIsolates: Int = 256, eager: Int = 8,
        patience: Duration = .milliseconds(50),
        memory: ByteCount = .gibibytes(2),
        allowsJIT: Bool = true, allowsWebAssembly: Bool = false, startsWhenNeeded: Bool = false,
        idleAge: Duration = .seconds(300), maxRuns: Int = 1000,
        defaultMemory: ByteCount = .mebibytes(64), zygoteAge: Duration = .seconds(3600), zygoteForks: Int = 100_000,
        readyWithin: Duration = .seconds(5)
    ) {
        self.executable = executable
        self.waiting = waiting
        self.maxIsolates = maxIsolates
        self.eager = eager
        self.patience = patience
        self.memory = memory
        self.allowsJIT = allowsJIT
        self.allowsWebAssembly = allowsWebAssembly
        self.startsWhenNeeded = startsWhenNeeded
        self.idleAge = idleAge
        self.maxRuns = maxRuns
        self.defaultMemory = defaultMemory
        self.zygoteAge = zygoteAge
        self.zygoteForks = zygoteForks
        self.readyWithin = readyWithin
    }
}
