package import GrapnelCore

/// What verification says of a request.
package enum VerificationOutcome: Sendable, Hashable {
    case accepted(Verdict)
    case rejected(RejectionKind)
}
