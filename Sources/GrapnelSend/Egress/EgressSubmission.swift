/// A checked request on its way to the thread that sends it.
struct EgressSubmission: Sendable {
    let request: EgressRequest
    /// Called once, on the egress thread: it must return at once.
    let completion: @Sendable (Result<EgressResponse, EgressFailure>) -> Void
}
