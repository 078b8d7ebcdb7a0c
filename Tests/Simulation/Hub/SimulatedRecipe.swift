/// A recipe of the simulated hub.
struct SimulatedRecipe {
    /// How runs of one key stand in line.
    enum Line {
        /// One after another, in the order of their acceptance.
        case ordered
        /// So many at a time.
        case limited(Int)
    }

    var name: String
    /// Where its events come from.
    var source: String
    /// The connections that its handler uses.
    var connections: [String]
    /// Its further keys.
    var keys = ""
    /// How often it is tried.
    var attempts: Int64 = 10
    /// How long its runs wait, in milliseconds.
    var delay: Int64 = 0
    var line: Line?

    /// What its manifest says it wants.
    func trigger(_ schedule: SimulatedSchedule?) -> String {
        guard name == SimulatedDefinitions.scheduled.name else { return "{ source: \(source) }" }
        return schedule?.keys ?? "{ source: nobody }"
    }
}
