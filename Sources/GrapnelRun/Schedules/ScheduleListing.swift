package import GrapnelCore
package import GrapnelFormat

/// A schedule of a deployed recipe, as a person looks at it.
package struct ScheduleListing: Sendable, Hashable {
    package var recipe: String
    package var schedule: Schedule
    /// The next tick; `nil` when none comes any more.
    package var next: Timestamp?
    /// The last tick that made a run.
    package var last: Timestamp?

    package init(recipe: String, schedule: Schedule, next: Timestamp?, last: Timestamp?) {
        self.recipe = recipe
        self.schedule = schedule
        self.next = next
        self.last = last
    }
}
