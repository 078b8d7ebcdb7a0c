/// What a parked run or output waits for.
package enum ParkReason: String, Sendable, Hashable, CaseIterable {
    /// A human must say whether an effect happened.
    case unknownEffect = "unknown_effect"
    /// The connection is paused.
    case connectionPaused = "connection_paused"
    /// The vendor refused the credentials of the connection (401 or 403).
    case connectionUnauthorized = "connection_unauthorized"
    /// The recipe version was put in quarantine.
    case quarantined
    /// The recipe was removed.
    case recipeGone = "recipe_gone"
    /// The source of the event is paused.
    case sourcePaused = "source_paused"
    /// Nothing outside could be reached when the run called; it goes on by itself when something can.
    case offline
}
