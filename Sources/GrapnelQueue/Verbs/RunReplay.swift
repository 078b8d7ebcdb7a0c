package import GrapnelCore

/// A human's wish to run an event again.
package struct RunReplay: Sendable {
    /// What the new run shares with the old one.
    package enum Mode: String, Sendable, Hashable {
        /// Finish what is missing: the new run keeps the origin, and so reads its recorded effects.
        case missing
        /// Do it again: the new run is its own origin, with new keys.
        case again
    }

    /// The finished run.
    package var run: Identifier<Run>
    package var mode: Mode
    package var newRun: Identifier<Run>
    /// The version to run; `nil` keeps the old run's.
    package var version: RecipeVersion?
    /// Whether a run that has a replay is replayed once more. Default `true`; a bulk that is started again says `false`.
    package var repeats: Bool

    package init(
        run: Identifier<Run>, mode: Mode, newRun: Identifier<Run>, version: RecipeVersion?, repeats: Bool = true
    ) {
        self.run = run
        self.mode = mode
        self.newRun = newRun
        self.version = version
        self.repeats = repeats
    }
}
