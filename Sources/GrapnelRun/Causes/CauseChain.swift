import GrapnelCore
import GrapnelQueue

/// Says how one event led to another.
enum CauseChain {
    /// The failure of a run that emits although too many events led to its own.
    ///
    /// - Parameters:
    ///   - causes: What led to the run's event, the nearest first.
    static func failure(of leased: LeasedRun, causes: [Cause], depth: Int) -> AttemptFailure {
        let chain =
            causes.reversed().map { link($0.event, recipe: $0.run.recipe) }
            + [link(leased.event, recipe: leased.run.recipe)]
        return AttemptFailure(
            .limit,
            "\(depth) events led to this one, and another would be too many (limits.depth of grapnel.yaml): "
                + chain.joined(separator: " → ")
                + ". If this is a loop, narrow the on: of a recipe in it",
            isRetryable: false)
    }

    private static func link(_ event: Event, recipe: String) -> String {
        "\(event.source) \(event.type) (\(event.id)) → \(recipe)"
    }
}
