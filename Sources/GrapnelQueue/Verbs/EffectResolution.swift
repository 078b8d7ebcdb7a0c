package import GrapnelCore

/// What a human decided about an effect.
package struct EffectResolution: Sendable {
    package enum Choice: String, Sendable, Hashable, CaseIterable {
        /// It happened: record it as confirmed; what waited goes on.
        case confirm
        /// Send it again, whatever its class; also re-arms a dead output.
        case resend
        /// Give it up: the output or the run that waited for it is dead (dropped).
        case drop
    }

    package var effect: Identifier<Effect>
    package var choice: Choice
    /// The output to record when confirmed, as JSON text; default `null`.
    package var output: [UInt8]?

    package init(effect: Identifier<Effect>, choice: Choice, output: [UInt8]? = nil) {
        self.effect = effect
        self.choice = choice
        self.output = output
    }
}
