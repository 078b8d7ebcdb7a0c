package import GrapnelCore

/// The outcome of a call that was sent.
package struct CallSettlement: Sendable {
    package var effect: Identifier<Effect>
    /// Which sending this is the outcome of; an outcome of an earlier one than the last changes nothing.
    package var sends: Int
    /// `confirmed`, `failed` or `unknown`.
    package var state: EffectState
    package var status: Int?
    /// The output as JSON text, when confirmed.
    package var output: [UInt8]?
    package var failure: CallFailure?
    /// Whether the vendor was asked for it, in place of a sending.
    package var isLookup: Bool

    package init(
        effect: Identifier<Effect>, sends: Int, state: EffectState, status: Int? = nil, output: [UInt8]? = nil,
        failure: CallFailure? = nil, isLookup: Bool = false
    ) {
        self.isLookup = isLookup
        self.effect = effect
        self.sends = sends
        self.state = state
        self.status = status
        self.output = output
        self.failure = failure
    }
}
