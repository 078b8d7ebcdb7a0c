/// How a connection has fared: kept over restarts, and written only when that changes for more than a moment.
package struct ConnectionHealth: Sendable, Hashable {
    package var connection: String
    /// Since when nothing has succeeded; `nil` while the last sending did.
    package var failingSince: Timestamp?
    package var lastSuccess: Timestamp?
    package var lastFailure: Timestamp?
    /// What the last failure was, for a person.
    package var failure: String?

    package init(
        connection: String, failingSince: Timestamp? = nil, lastSuccess: Timestamp? = nil,
        lastFailure: Timestamp? = nil, failure: String? = nil
    ) {
        self.connection = connection
        self.failingSince = failingSince
        self.lastSuccess = lastSuccess
        self.lastFailure = lastFailure
        self.failure = failure
    }
}
