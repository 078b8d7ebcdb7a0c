import GrapnelCore

/// One fault that was asked for: where, how often, and with what.
package struct FaultRule: Sendable, Hashable {
    package var kind: FaultKind
    /// The connector it is for; every one when absent.
    package var connector: String?
    /// The operation it is for; every one when absent.
    package var operation: String?
    /// The status of `fail`. Default 500.
    package var status: Int
    /// How many requests it hits before it is over; all of them when absent.
    package var count: Int?
    /// The seconds in `Retry-After` of `rate_limit`. Default 1. A `fail` sends the header only when this is set.
    package var retryAfterSeconds: Int?
    /// The share of the requests that it hits, 0 to 1. Default 1.
    package var probability: Double
    /// How long `slow` waits. Default 1 s.
    package var delay: Duration

    package init(
        _ kind: FaultKind, connector: String? = nil, operation: String? = nil, status: Int = 500, count: Int? = nil,
        retryAfterSeconds: Int? = nil, probability: Double = 1, delay: Duration = .seconds(1)
    ) {
        self.kind = kind
        self.connector = connector
        self.operation = operation
        self.status = status
        self.count = count
        self.retryAfterSeconds = retryAfterSeconds
        self.probability = probability
        self.delay = delay
    }

    /// Whether it is for requests to this operation; a request that fits none is named `nil`.
    package func covers(connector: String, operation: String?) -> Bool {
        (self.connector ?? connector) == connector && (self.operation == nil || self.operation == operation)
    }
}
