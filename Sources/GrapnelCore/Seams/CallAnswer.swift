/// What came of a call.
package enum CallAnswer: Sendable, Hashable {
    /// The operation's output, now or recorded on an earlier attempt.
    case output(JSON)
    /// The handler sees a `CallError`.
    case failure(CallFailure)
    /// The run ends here: it is dead (nondeterministic) or parked (unknown_effect, connection_unauthorized …).
    case endRun(WorkDecision, AttemptFailure)
    /// The run's lease was lost: stop, write nothing.
    case fenced
}
