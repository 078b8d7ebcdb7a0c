import GrapnelCore
import GrapnelFormat

/// A request that is ready to leave, and how its answer is to be read.
struct PreparedRequest: Sendable {
    var request: EgressRequest
    let rule: ResponseRule
    let retryOn: RetryRule
    let retryAfter: Template?
    let redaction: Redaction

    /// What came of it.
    func outcome(of result: Result<EgressResponse, EgressFailure>, now: Timestamp) -> OperationOutcome {
        switch result {
        case .success(let response):
            return ResponseReading(
                redaction.apply(to: response), rule: rule, retryOn: retryOn, retryAfter: retryAfter, now: now
            ).outcome()
        case .failure(let failure):
            return OperationOutcome(redaction.apply(to: failure.callFailure))
        }
    }
}
