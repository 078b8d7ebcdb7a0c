package import GrapnelCore

/// What an answer, or the lack of one, says about an operation.
package enum OperationOutcome: Sendable, Hashable {
    /// It happened; its output.
    case confirmed(JSON, status: Int)
    /// It definitely did not happen.
    case failed(CallFailure)
    /// Nobody knows.
    case unknown(CallFailure)

    /// What a failure to get an answer says.
    package init(_ failure: CallFailure) {
        self = failure.outcome == .unknown ? .unknown(failure) : .failed(failure)
    }

    /// The vendor's status, when there was an answer.
    package var status: Int? {
        switch self {
        case .confirmed(_, let status): status
        case .failed(let failure), .unknown(let failure): failure.status
        }
    }

    /// The failure, when it is one.
    package var failure: CallFailure? {
        switch self {
        case .confirmed: nil
        case .failed(let failure), .unknown(let failure): failure
        }
    }
}
