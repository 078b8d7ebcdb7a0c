package import GrapnelCore

/// The schedules that there are now: new ones begin at this moment, and what has gone is forgotten.
package struct ScheduleAlignment: Sendable {
    /// A schedule of a recipe.
    package struct Entry: Sendable, Hashable {
        package var recipe: String
        /// The key of the schedule.
        package var schedule: String

        package init(recipe: String, schedule: String) {
            self.recipe = recipe
            self.schedule = schedule
        }
    }

    package var tenant: TenantID
    package var entries: Set<Entry>
    /// A mark further ahead of the clock than this was set while the clock was wrong: the schedule begins anew.
    /// Default 1 d; a clock that is set back by less finds the ticks of that time done.
    package var greatestLead: Duration

    package init(tenant: TenantID, entries: Set<Entry>, greatestLead: Duration = .seconds(86_400)) {
        self.tenant = tenant
        self.entries = entries
        self.greatestLead = greatestLead
    }
}
