import GrapnelCore

/// What a stand-in makes of a request.
struct VendorOutcome: Sendable {
    var match: VendorMatch?
    var fault: FaultKind?
    /// The answer; `nil` when the connection is reset or left hanging.
    var reply: HTTPReply?
    /// Whether what was asked is done.
    var isApplied = false
    var input: JSON?
    var problem: EmulatorProblem?

    /// The record of it.
    func record(of request: EmulatorRequest, vendor: VendorEmulator, receivedAt: Timestamp) -> RecordedRequest {
        RecordedRequest(
            sequence: 0, receivedAt: receivedAt, connector: vendor.name, operation: match?.operation.name,
            method: request.method, path: vendor.authentication.masked(path: request.path, match: match),
            query: vendor.authentication.masked(query: request.query),
            headers: vendor.authentication.masked(request.headers), body: request.body, input: input,
            effectKey: request.headers.first("Grapnel-Effect"), status: reply?.status, isApplied: isApplied,
            fault: fault, problem: problem?.summary)
    }
}
