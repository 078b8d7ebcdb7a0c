/// The limits of sending.
package struct SendLimits: Sendable, Hashable {
    /// Outputs that this node holds at once, sent or about to be. Default 1,024.
    package var outputs: Int
    /// Of these, the most of one connection. Default 64: a vendor that hangs holds up its own only.
    package var outputsOfConnection: Int
    /// The most outputs of one claim. Default 32.
    package var claim: Int
    /// The lease of an output. Default 60 s: the longest sending and some.
    package var lease: Duration
    /// How often leases are prolonged. Default 10 s.
    package var heartbeat: Duration
    /// The longest that an output waits here for its connection before it goes back to the queue. Default 5 s.
    package var patience: Duration
    /// The time of a call that is kept for the vendor's answer: one that would have less waits no longer for its
    /// connection, and is not sent. Default 5 s, or half of the call's time when that is less.
    package var answer: Duration
    /// How long a shutdown waits for what has been sent. Default 25 s.
    package var shutdown: Duration
    /// The pause after a claim that found nothing. Default 20 ms.
    package var cooldown: Duration
    /// How often due outputs are looked for when nothing wakes. Default 1 s.
    package var poll: Duration

    package init(
        outputs: Int = 1024, outputsOfConnection: Int = 64, claim: Int = 32, lease: Duration = .seconds(60),
        heartbeat: Duration = .seconds(10), patience: Duration = .seconds(5), answer: Duration = .seconds(5),
        shutdown: Duration = .seconds(25),
        cooldown: Duration = .milliseconds(20), poll: Duration = .seconds(1)
    ) {
        self.outputs = outputs
        self.outputsOfConnection = outputsOfConnection
        self.claim = claim
        self.lease = lease
        self.heartbeat = heartbeat
        self.patience = patience
        self.answer = answer
        self.shutdown = shutdown
        self.cooldown = cooldown
        self.poll = poll
    }
}
