package import GrapnelCore

/// Which version of a recipe executes an attempt.
package enum VersionRule: Sendable, Hashable {
    /// The active one: a fix reaches runs that are being retried.
    case active
    /// The run's own: recorded effects have pinned it.
    case own
    /// None: the recipe was removed, and the run waits for a human.
    case gone

    /// The rule for a run.
    ///
    /// - Parameters:
    ///   - leased: The run; `hasEffects` says whether the ledger has recorded effects of its origin.
    ///   - active: The active version of its recipe; `nil` when there is no such recipe any more.
    ///   - isOwnQuarantined: Whether the run's own version may not start any more: what it recorded is then another
    ///     version's to go on with.
    package static func decide(
        _ leased: LeasedRun, active: RecipeVersion?, isOwnQuarantined: Bool = false
    ) -> VersionRule {
        guard active != nil else { return .gone }
        return leased.hasEffects && !isOwnQuarantined ? .own : .active
    }
}
