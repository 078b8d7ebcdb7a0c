package import GrapnelCore

/// What to do about a step, decided from its row of the ledger alone (`architecture.md` §5).
package enum LedgerDecision: Sendable, Hashable {
    /// Send, if the row is still in this state (`nil`: if there is none).
    case send(from: EffectState?, maybeDuplicate: Bool)
    /// It happened: give the recorded output, send nothing.
    case answer(JSON)
    /// It was refused for good: fail the same way, send nothing.
    case failAgain(CallFailure)
    /// The step asked for something else before; for a person, in what.
    case nondeterministic(String)
    /// Ask the vendor whether it happened.
    case lookUp(Effect)
    /// Wait for a human.
    case park(ParkReason)

    /// Decides about a call.
    ///
    /// A row that is `in_flight` belongs to a sending whose end nobody recorded: the caller has waited for those that
    /// are still under way.
    package static func decide(existing: Effect?, wanted: WantedEffect, now: Timestamp) -> LedgerDecision {
        guard let existing else { return .send(from: nil, maybeDuplicate: false) }
        guard existing.fingerprint == wanted.fingerprint else {
            return .nondeterministic(
                EffectDifference.text(
                    from: existing, to: "\(wanted.connection).\(wanted.operation)", input: wanted.input))
        }
        switch existing.state {
        case .confirmed:
            let recorded = existing.output.flatMap { try? JSONParser.parse($0) }
            return .answer(recorded ?? .null)
        case .intended:
            return .send(from: .intended, maybeDuplicate: existing.maybeDuplicate)
        case .failed:
            guard let failure = existing.failure, !existing.humanSaidResend, !mayHelp(failure) else {
                return .send(from: .failed, maybeDuplicate: existing.maybeDuplicate)
            }
            return .failAgain(failure)
        case .inFlight, .unknown:
            let policy = UnknownPolicy.decide(
                wanted.effectClass, keyValidUntil: existing.keyValidUntil, canLookUp: existing.lookups != nil,
                humanSaidResend: existing.humanSaidResend, now: now)
            switch policy {
            case .resend(let maybeDuplicate):
                return .send(from: existing.state, maybeDuplicate: maybeDuplicate || existing.maybeDuplicate)
            case .lookUp: return .lookUp(existing)
            case .park: return .park(.unknownEffect)
            }
        }
    }

    /// Whether another sending can end otherwise: a failure of the moment, or one that a person has mended since
    /// (a run that waited for its connection's credentials runs again only when someone lets it).
    private static func mayHelp(_ failure: CallFailure) -> Bool {
        failure.isRetryable || failure.parksForCredentials
    }
}
