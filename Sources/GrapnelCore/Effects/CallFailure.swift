/// Why an operation did not succeed: what a handler sees as `CallError`, and what the ledger records.
package struct CallFailure: Error, Sendable, Hashable {
    /// What is known about the operation.
    package enum Outcome: String, Sendable, Hashable {
        /// It did not happen.
        case definite
        /// It may have happened.
        case unknown
    }

    /// A stable word for logs and handlers: `timeout`, `refused_address`, `http_404`, `rate_limited`, `invalid_input` …
    package var code: String
    /// For a person; never holds a credential.
    package var message: String
    /// The vendor's HTTP status, when there was an answer.
    package var status: Int?
    /// Whether another try can help.
    package var isRetryable: Bool
    package var outcome: Outcome
    /// How long the vendor asked to wait.
    package var retryAfter: Duration?

    package init(
        code: String, message: String, status: Int? = nil, isRetryable: Bool, outcome: Outcome,
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.isRetryable = isRetryable
        self.outcome = outcome
        self.retryAfter = retryAfter
    }

    /// The connection fails, and is left alone for a while.
    package static let circuitOpenCode = "circuit_open"
    /// Nothing outside can be reached.
    package static let offlineCode = "offline"
    /// The connection let nothing through in time: its rate, its pace, or a pause that its vendor asked for.
    package static let busyCode = "connection_busy"

    /// Whether nothing was tried because nothing could come of it now: it costs no attempt.
    package var isWait: Bool {
        outcome == .definite
            && [CallFailure.circuitOpenCode, CallFailure.offlineCode, CallFailure.busyCode].contains(code)
    }
}
