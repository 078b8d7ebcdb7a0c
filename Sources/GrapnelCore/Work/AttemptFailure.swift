/// Why one try of a run or an output failed.
package struct AttemptFailure: Error, Sendable, Hashable {
    package var kind: AttemptFailureKind
    /// For a person: the message of the error, the signal, the status.
    package var message: String
    /// The stack of the handler, in the user's own file and line where it is known.
    package var stack: String?
    /// Whether another try can help.
    package var isRetryable: Bool
    /// How long the vendor or the handler asked to wait.
    package var retryAfter: Duration?

    package init(
        _ kind: AttemptFailureKind, _ message: String, stack: String? = nil, isRetryable: Bool = true,
        retryAfter: Duration? = nil
    ) {
        self.kind = kind
        self.message = message
        self.stack = stack
        self.isRetryable = isRetryable
        self.retryAfter = retryAfter
    }
}
