/// How a try failed: the named reason on the attempt.
package enum AttemptFailureKind: String, Sendable, Hashable, CaseIterable {
    // A run.
    case threw
    case exit
    case wall
    case cpu
    case memory
    case syscall
    case crash
    case `protocol`
    /// One of the limits that count: event, output, calls, outputs, messages.
    case limit
    case discarded
    case retryAfter = "retry_after"
    case badOutput = "bad_output"
    case nondeterministic
    case bundle
    /// The event was older than `expire:` of the recipe.
    case expired
    // A call that was not caught, or an output.
    case callFailed = "call_failed"
    case callUnknown = "call_unknown"
    // Either.
    case leaseLost = "lease_lost"
    case handedBack = "handed_back"

    /// Whether the run, or the output, was tried at all; what was not tried has no attempt.
    package var isTry: Bool { self != .handedBack && self != .expired }

    /// Whether it counts as a death of the isolate besides an attempt (`architecture.md` §4).
    package var isDeath: Bool {
        switch self {
        case .cpu, .memory, .syscall, .crash, .protocol: true
        default: false
        }
    }
}
