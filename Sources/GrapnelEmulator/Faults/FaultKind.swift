/// What can go wrong at a stand-in, on purpose.
package enum FaultKind: String, Sendable, CaseIterable {
    /// Answers 500, or the rule's status.
    case fail
    /// Never answers; ends when the client gives up.
    case hang
    /// Answers 429 with `Retry-After`.
    case rateLimit = "rate_limit"
    /// Reads the request and resets the connection, with nothing done.
    case reset
    /// Answers as always, after the rule's delay.
    case slow
    /// Does what was asked, then resets the connection before the answer: the classic unknown outcome.
    case acceptThenReset = "accept_then_reset"
}
