/// The state of a row of the ledger (`architecture.md` §5).
package enum EffectState: String, Sendable, Hashable, CaseIterable {
    /// Wanted, and nothing was sent yet. Next: inFlight, failed.
    case intended
    /// Bytes may have left. Next: confirmed, failed, unknown.
    case inFlight = "in_flight"
    /// It happened; the answer is recorded and nothing is sent again. Terminal.
    case confirmed
    /// It definitely did not happen. Next: inFlight on a later try, when the failure is retryable or a human re-arms it.
    case failed
    /// Nobody knows. Next: inFlight or confirmed or failed, by the operation's class or by a human.
    case unknown
}
