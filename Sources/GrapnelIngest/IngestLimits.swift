/// The limits of what comes in, each with its default. A source's own `max_body` bounds its bodies.
package struct IngestLimits: Sendable, Hashable {
    /// Elements of one batch. Default 1,000.
    package var batch: Int
    /// Rejected requests that are kept in a second; more are only counted by the log. Default 100.
    package var rejectionsPerSecond: Int
    /// The lease of runs that start with their event. Default 30 s.
    package var lease: Duration
    /// What a vendor is told to wait when the queue cannot take an event. Default 1 s.
    package var retryAfter: Duration

    package init(
        batch: Int = 1000, rejectionsPerSecond: Int = 100, lease: Duration = .seconds(30),
        retryAfter: Duration = .seconds(1)
    ) {
        self.batch = batch
        self.rejectionsPerSecond = rejectionsPerSecond
        self.lease = lease
        self.retryAfter = retryAfter
    }
}
