/// A recipe of the simulated hub.
struct SimulatedRecipe {
    /// How runs of one key stand in line.
    enum Line {
        /// One after another, in the order of their acceptance.
        case ordered
        /// So many at a time.
        case limited(Int)
    }

    /// How several events become one run; times in milliseconds.
    enum Gathering {
        case debounce(quiet: Int64, atMost: Int64)
        case batch(size: Int, within: Int64)
    }

    /// So many starts at once, and one more in every `interval / count`.
    struct Rate {
        var count: Int64
        var interval: Int64
    }

    var name: String
    /// Where its events come from.
    var sources: [String]
    /// The connections that its handler uses.
    var connections: [String]
    /// Its further keys.
    var keys = ""
    /// How often it is tried.
    var attempts: Int64 = 10
    /// How long its runs wait, in milliseconds.
    var delay: Int64 = 0
    var line: Line?
    var gathering: Gathering?
    var rate: Rate?
    /// How old a run may be that starts.
    var expire: Int64?
    /// Whether its handler emits events.
    var emits = false

    /// What its manifest says it wants.
    func trigger(_ schedule: SimulatedSchedule?) -> String {
        guard name == SimulatedDefinitions.scheduled.name else {
            return "[\(sources.map { "{ source: \"\($0)\" }" }.joined(separator: ", "))]"
        }
        return schedule?.keys ?? "{ source: nobody }"
    }
}
