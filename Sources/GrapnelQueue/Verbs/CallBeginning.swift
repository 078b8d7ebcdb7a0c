package import GrapnelCore

/// A call that is about to be sent.
package struct CallBeginning: Sendable {
    /// The row as it should be: `state` in_flight, `sends` counting this sending.
    package var effect: Effect
    /// The fence of the run that calls.
    package var fence: Int64
    /// The version that executes the attempt; the run is pinned to it from now on.
    package var version: RecipeVersion
    /// The state that the caller saw and decided on; `nil` when there was no row.
    package var seen: EffectState?

    package init(effect: Effect, fence: Int64, version: RecipeVersion, seen: EffectState?) {
        self.effect = effect
        self.fence = fence
        self.version = version
        self.seen = seen
    }
}
