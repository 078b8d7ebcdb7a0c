package import GrapnelCore

/// Whether the end of an attempt was committed.
package enum RunFinishResult: Sendable, Hashable {
    /// Committed; these outputs were inserted leased and in_flight, for the caller to deliver. An output whose step the
    /// ledger has confirmed already is not among them, and is not sent again.
    case finished(leased: [LeasedOutput])
    /// A store write expected another version of this key: nothing was committed; the attempt failed and may be
    /// retried.
    case keyValueConflict(key: String)
    /// An output repeats a step of the ledger with another fingerprint: nothing was committed.
    case nondeterministic(step: String, recorded: Effect)
    /// The lease was lost: nothing was committed.
    case fenced
}
