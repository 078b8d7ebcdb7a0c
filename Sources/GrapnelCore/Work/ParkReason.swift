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
}
