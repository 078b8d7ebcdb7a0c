import GrapnelCore

/// What becomes of a request: decided from the request and its source alone, applied by `IngestPipeline`.
enum IngestDecision: Sendable {
    /// Answered, and no event.
    case handshake(HTTPReply)
    /// Not proven: 401.
    case reject(RejectionKind)
    /// Refused for its form: nothing is kept.
    case refuse(IngestProblem)
    /// Proven: these events, without ids yet.
    case accept(Verdict, [EventDraft])
}
