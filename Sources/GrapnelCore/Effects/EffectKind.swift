/// Whether the handler awaits an effect or leaves it behind.
package enum EffectKind: String, Sendable, Hashable {
    /// Awaited inside the run.
    case call
    /// Committed with the run, delivered by itself.
    case output
}
