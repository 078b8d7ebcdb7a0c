import GrapnelCore

/// What the end of a request says about the connection, whatever it says about the operation.
package enum ConnectionSign: Sendable, Hashable, CaseIterable {
    /// The vendor answered and is well; a refusal of what was asked is an answer too.
    case answered
    /// The vendor was reached, and answered 5xx, too late or not at all.
    case failed
    /// No connection came about.
    case unreachable
    /// Nothing: no request was made.
    case nothing
}

extension CallFailure {
    /// What the failure says about its connection.
    var sign: ConnectionSign {
        if let status { return status >= 500 ? .failed : .answered }
        guard let code = EgressFailure.Code(rawValue: code) else { return outcome == .unknown ? .failed : .nothing }
        return switch code {
        case .nameNotResolved, .connectFailed, .connectTimeout: .unreachable
        case .tlsFailed, .timeout, .connectionLost, .responseTooLarge: .failed
        case .invalidURL, .invalidRequest, .refusedAddress, .full, .stopped: .nothing
        }
    }
}

extension CallFailure {
    /// How long the vendor asked to wait when it refused a request because there are too many, or because it is not
    /// well; zero when it did not say how long, `nil` for any other failure.
    var refusal: Duration? { retryAfter ?? (status == 429 || status == 503 ? .zero : nil) }
}

extension OperationOutcome {
    /// What the end of the request says about its connection.
    var sign: ConnectionSign { failure?.sign ?? .answered }
}
