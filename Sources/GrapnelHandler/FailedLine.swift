/// The end of a run that failed.
struct FailedLine: Encodable {
    let type = "failed"
    let kind: String
    let name: String
    let message: String
    /// In milliseconds.
    let delay: Int64?
    let retryable: Bool?
    let outcome: String?
    let retryAfter: Int?

    init(_ error: any Error) {
        let call = error as? CallError
        let later = error as? RetryAfter
        let discard = error as? Discard
        kind = discard != nil ? "discard" : later != nil ? "retry" : call != nil ? "call" : "threw"
        name = call != nil ? "CallError" : String(describing: Swift.type(of: error))
        message = discard?.reason ?? later?.reason ?? call?.message ?? String(describing: error)
        delay = later.map { $0.wait.components.seconds * 1000 + $0.wait.components.attoseconds / 1_000_000_000_000_000 }
        retryable = call?.retryable
        outcome = call?.outcome
        retryAfter = call?.retryAfter
    }
}
