import FaultVFS

/// What goes wrong with the disk.
struct DiskFault: Sendable {
    /// What SQLite asks for when it goes wrong.
    var call: fault_call
    /// How the names of the files end that it goes wrong with: "-wal", ".db", or "" for all.
    var suffix = ""
    /// How many calls go well before.
    var after = 0
    /// How many go wrong; `nil`: all from then on.
    var times: Int? = 1
    /// What SQLite is told (https://www.sqlite.org/rescode.html).
    var code: Int32
    /// Whether the first half of what was to be written is written all the same.
    var writesHalf = false
}
