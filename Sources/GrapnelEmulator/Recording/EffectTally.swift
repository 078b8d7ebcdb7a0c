/// How often requests with one `Grapnel-Effect` key came.
package struct EffectTally: Sendable, Hashable {
    /// Requests that carried the key.
    package var received = 0
    /// Those of them that the stand-in applied, answered or not.
    package var applied = 0
}
