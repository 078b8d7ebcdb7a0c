/// How a node takes and executes runs.
package struct DispatchConfiguration: Sendable {
    /// Runs at a time: `limits.isolates`. Default 256.
    package var capacity: Int
    /// The most runs of one claim. Default 64.
    package var claim: Int
    /// The lease of a run. Default 30 s.
    package var lease: Duration
    /// How often leases are prolonged. Default 10 s.
    package var heartbeat: Duration
    /// How often due runs are looked for when nothing says that there are any. Default 1 s.
    package var poll: Duration
    /// How long runs may go on when the hub shuts down; the rest is handed back. Default 25 s.
    package var drain: Duration
    /// How often an attempt is made again at once because another run changed the same key of the store. Default 20.
    package var conflictTries: Int
    /// How often the end of an attempt is offered to a queue that is full or failing. Default 8.
    package var commitTries: Int
    package var host: HostLimits

    package init(
        capacity: Int = 256, claim: Int = 64, lease: Duration = .seconds(30), heartbeat: Duration = .seconds(10),
        poll: Duration = .seconds(1), drain: Duration = .seconds(25), conflictTries: Int = 20, commitTries: Int = 8,
        host: HostLimits = HostLimits()
    ) {
        self.capacity = max(1, capacity)
        self.claim = max(1, claim)
        self.lease = lease
        self.heartbeat = heartbeat
        self.poll = poll
        self.drain = drain
        self.conflictTries = max(1, conflictTries)
        self.commitTries = max(1, commitTries)
        self.host = host
    }
}
