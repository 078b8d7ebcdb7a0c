package import GrapnelCore

/// The end of an attempt of an output.
package struct OutputFinish: Sendable {
    package var effect: Identifier<Effect>
    package var fence: Int64
    package var decision: WorkDecision
    package var counters: WorkCounters
    /// The attempt to keep; `nil` when the output was only handed back unsent.
    package var attempt: Attempt?
    /// The effect's new state: confirmed, failed, unknown; `intended` when it was handed back unsent.
    package var state: EffectState
    package var status: Int?
    /// The output of the operation as JSON text, when confirmed.
    package var output: [UInt8]?
    package var failure: CallFailure?
    /// Whether the vendor was asked for it, in place of a sending.
    package var isLookup: Bool
    /// With `.park(.connectionUnauthorized)`: the digest of the credentials that were refused. It goes on at once when
    /// the connection has others by now.
    package var credentials: [UInt8]?

    package init(
        effect: Identifier<Effect>, fence: Int64, decision: WorkDecision, counters: WorkCounters, attempt: Attempt?,
        state: EffectState, status: Int? = nil, output: [UInt8]? = nil, failure: CallFailure? = nil,
        isLookup: Bool = false, credentials: [UInt8]? = nil
    ) {
        self.credentials = credentials
        self.isLookup = isLookup
        self.effect = effect
        self.fence = fence
        self.decision = decision
        self.counters = counters
        self.attempt = attempt
        self.state = state
        self.status = status
        self.output = output
        self.failure = failure
    }
}
