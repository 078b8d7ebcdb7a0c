/// The schedule of a recipe: every so often, from midnight UTC on.
struct SimulatedSchedule {
    /// In milliseconds; a day is a multiple of it.
    var period: Int64
    /// Whether the last of several ticks that were missed runs.
    var catchesUp: Bool

    /// As recipe.yaml says it.
    var keys: String {
        let minutes = period / SimulationPlan.minute
        let cron = minutes < 60 ? "*/\(minutes) * * * *" : "0 */\(minutes / 60) * * *"
        return "{ schedule: \"\(cron)\", catch_up: \(catchesUp ? "latest" : "none") }"
    }

    /// The last tick up to `moment`, by the wall clock.
    func last(until moment: Int64) -> Int64 { moment / period * period }

    /// The first tick after `moment`.
    func next(after moment: Int64) -> Int64 { last(until: moment) + period }
}
