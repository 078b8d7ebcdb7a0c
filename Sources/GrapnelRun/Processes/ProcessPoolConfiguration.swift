package import GrapnelCore

/// How many programs a hub keeps, for how long, and what each may use beside `limits:` of its recipe.
package struct ProcessPoolConfiguration: Sendable {
    /// The path of bubblewrap; `nil` when it is not installed, and only `sandbox: none` can run.
    package var bubblewrap: String?
    /// Where a program without slashes is looked up first: the folder of the hub's own program.
    package var programs: String
    /// Programs at a time; runs beyond them wait. Default 32.
    package var maxProcesses: Int
    /// How long a warm program waits for its next run. Default 5 min.
    package var idleAge: Duration
    /// Runs after which a warm program is replaced. Default 1,000.
    package var maxRuns: Int
    /// The longest line that a program may write to its output. Default 8 MiB.
    package var line: ByteCount
    /// The longest line of its errors that is kept whole; the rest of one is cut off. Default 8 KiB.
    package var errorLine: ByteCount
    /// What is kept of the output of a `once` program. Default 256 KiB.
    package var result: ByteCount
    /// What it may ask for and not be answered. Default 64.
    package var pending: Int
    /// The size of its `/tmp`, and of a file that it writes. Default 64 MiB.
    package var temporary: ByteCount
    /// Its descriptors. Default 256.
    package var files: Int
    /// Descriptors that the hub keeps for everything else: with fewer left no program is started, and its run waits.
    /// Default 32.
    package var spareFiles: Int
    /// Its processes and threads together. Default 64.
    package var processes: Int
    /// The data of each of its processes beyond `limits.memory`, before the system refuses it more: what a language's
    /// runtime reserves and does not use. Default 512 MiB.
    package var reserve: ByteCount
    /// How often what it uses is looked at. Default 20 ms.
    package var check: Duration
    /// How long the end of everything that it started is waited for. Default 2 s.
    package var endWithin: Duration

    package init(
        bubblewrap: String?, programs: String, maxProcesses: Int = 32, idleAge: Duration = .seconds(300),
        maxRuns: Int = 1000, line: ByteCount = .mebibytes(8), errorLine: ByteCount = .kibibytes(8),
        result: ByteCount = .kibibytes(256), pending: Int = 64, temporary: ByteCount = .mebibytes(64),
        files: Int = 256, spareFiles: Int = 32, processes: Int = 64, reserve: ByteCount = .mebibytes(512),
        check: Duration = .milliseconds(20), endWithin: Duration = .seconds(2)
    ) {
        self.bubblewrap = bubblewrap
        self.programs = programs
        self.maxProcesses = max(1, maxProcesses)
        self.idleAge = idleAge
        self.maxRuns = max(1, maxRuns)
        self.line = line
        self.errorLine = errorLine
        self.result = result
        self.pending = pending
        self.temporary = temporary
        self.files = files
        self.spareFiles = spareFiles
        self.processes = processes
        self.reserve = reserve
        self.check = check
        self.endWithin = endWithin
    }
}
