package import GrapnelCore

/// How far a schedule of a recipe has come.
package struct ScheduleMark: Sendable, Hashable {
    package var recipe: String
    /// The key of the schedule.
    package var schedule: String
    /// Ticks up to here are done with: they ran, were passed over, or came before the schedule was known.
    package var doneUntil: Timestamp
    /// The last tick that made a run.
    package var lastTick: Timestamp?

    package init(recipe: String, schedule: String, doneUntil: Timestamp, lastTick: Timestamp? = nil) {
        self.recipe = recipe
        self.schedule = schedule
        self.doneUntil = doneUntil
        self.lastTick = lastTick
    }
}
