/// How many outputs to lease, and of which connections not.
package struct OutputClaim: Sendable {
    /// The most outputs to take, at least 1.
    package var limit: Int
    /// Connections that are at their limit already.
    package var excludedConnections: Set<String>
    /// Default 60 s: the longest sending and some.
    package var lease: Duration

    package init(limit: Int, excludedConnections: Set<String> = [], lease: Duration) {
        self.limit = limit
        self.excludedConnections = excludedConnections
        self.lease = lease
    }
}
