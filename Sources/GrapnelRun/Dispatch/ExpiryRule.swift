package import GrapnelCore

/// Whether a run is too old to start: `expire:` of recipe.yaml.
package enum ExpiryRule {
    /// Why a run does not start any more; `nil` when it does.
    ///
    /// - Parameters:
    ///   - run: It counts from its acceptance, from the moment that it was planned for when that is later, or from the
    ///     moment at which a person asked for it again.
    ///   - expire: How old it may be; `nil`: as old as it likes.
    ///   - now: When it would start.
    package static func refusal(of run: Run, expire: Duration?, now: Timestamp) -> AttemptFailure? {
        guard let expire, now - max(run.createdAt, run.plannedFor ?? run.createdAt) > expire else { return nil }
        return AttemptFailure(
            .expired,
            "the run should have started more than \(expire.text) ago, which is the most that expire: of recipe.yaml lets pass",
            isRetryable: false)
    }
}
