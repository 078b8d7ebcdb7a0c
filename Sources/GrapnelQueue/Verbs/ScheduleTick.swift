package import GrapnelCore

/// A tick of a schedule that has come.
package struct ScheduleTick: Sendable {
    /// The type of the event of a tick.
    package static let type = "schedule.tick"
    /// The type of the event that a person planned for a recipe.
    package static let plannedType = "schedule.planned"

    package var tenant: TenantID
    package var recipe: String
    /// The key of the schedule.
    package var schedule: String
    package var at: Timestamp
    /// The event and its runs; `nil` when the tick is passed over.
    package var accepted: AcceptedRequest?

    package init(tenant: TenantID, recipe: String, schedule: String, at: Timestamp, accepted: AcceptedRequest?) {
        self.tenant = tenant
        self.recipe = recipe
        self.schedule = schedule
        self.at = at
        self.accepted = accepted
    }
}
