package import GrapnelCore

/// The limits of what comes in, each with its default. A source's own `max_body` bounds its bodies.
package struct IngestLimits: Sendable, Hashable {
    /// Connections at a time; more wait in the backlog. Default 10,000.
    package var connections: Int
    /// How long a connection may be silent, between requests or in the middle of one. Default 30 s.
    package var idle: Duration
    /// How long a body may take from its head to its last byte. Default 60 s.
    package var bodyTime: Duration
    /// How long a shutdown waits for requests that have not arrived whole. Default 3 s.
    package var shutdown: Duration
    /// One header field. Default 16 KiB.
    package var headerField: ByteCount
    /// All header fields of a request. Default 64 KiB.
    package var headers: ByteCount
    /// Header fields of a request. Default 200.
    package var headerCount: Int
    /// Elements of one batch. Default 1,000.
    package var batch: Int
    /// Rejected requests that are kept in a second; more are only counted. Default 100.
    package var rejectionsPerSecond: Int
    /// The lease of runs that start with their event. Default 30 s.
    package var lease: Duration
    /// What a vendor is told to wait when the queue cannot take an event. Default 1 s.
    package var retryAfter: Duration

    package init(
        connections: Int = 10_000, idle: Duration = .seconds(30), bodyTime: Duration = .seconds(60),
        shutdown: Duration = .seconds(3),
        headerField: ByteCount = .kibibytes(16), headers: ByteCount = .kibibytes(64), headerCount: Int = 200,
        batch: Int = 1000, rejectionsPerSecond: Int = 100, lease: Duration = .seconds(30),
        retryAfter: Duration = .seconds(1)
    ) {
        self.connections = connections
        self.idle = idle
        self.bodyTime = bodyTime
        self.shutdown = shutdown
        self.headerField = headerField
        self.headers = headers
        self.headerCount = headerCount
        self.batch = batch
        self.rejectionsPerSecond = rejectionsPerSecond
        self.lease = lease
        self.retryAfter = retryAfter
    }
}
