package import GrapnelCore

/// Why a request brought no complete answer.
package struct EgressFailure: Error, Sendable, Hashable {
    /// A stable word for each way to fail.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// The URL is not absolute http(s), or has two readings.
        case invalidURL = "invalid_url"
        /// The method, a header or the body cannot be sent as it is.
        case invalidRequest = "invalid_request"
        /// The guard refused the address or the port.
        case refusedAddress = "refused_address"
        /// More requests wait than `EgressLimits.waiting`.
        case full = "egress_full"
        /// The hub is shutting down.
        case stopped
        case nameNotResolved = "name_not_resolved"
        case connectFailed = "connect_failed"
        case connectTimeout = "connect_timeout"
        case tlsFailed = "tls_failed"
        /// No first byte, or no last byte, in time.
        case timeout
        /// The connection broke, or spoke no HTTP, after the request may have left.
        case connectionLost = "connection_lost"
        /// The answer is over a limit.
        case responseTooLarge = "response_too_large"
    }

    package var code: Code
    /// For a person: what happened and what to do next; never a URL, a header or a body.
    package var message: String
    /// Whether the first byte of the request may have left.
    package var bytesLeft: Bool
    /// The status, when at least the head of an answer arrived.
    package var status: Int?

    package init(_ code: Code, _ message: String, bytesLeft: Bool = false, status: Int? = nil) {
        self.code = code
        self.message = message
        self.bytesLeft = bytesLeft
        self.status = status
    }

    /// The same as handlers and the ledger see it: definite before the first byte, unknown after it.
    ///
    /// Everything definite may be tried again but what the guard or the checks refuse: that stays so.
    package var callFailure: CallFailure {
        let isRefusal = code == .invalidURL || code == .invalidRequest || code == .refusedAddress
        return CallFailure(
            code: code.rawValue, message: message, status: status, isRetryable: !isRefusal,
            outcome: bytesLeft ? .unknown : .definite)
    }
}
