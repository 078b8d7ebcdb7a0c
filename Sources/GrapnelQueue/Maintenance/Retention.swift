package import GrapnelCore

/// How long what is over is kept.
package struct Retention: Sendable, Hashable {
    /// How long events are kept, and all that hangs on them. Default 30 d in `grapnel.yaml`.
    package var events: Duration
    /// How much is kept; above it the oldest events go earlier. Default 10 GiB in `grapnel.yaml`.
    package var bytes: ByteCount?
    /// How long a dead letter is kept from its death on. Default `events`.
    package var deadLetters: Duration
    /// The retention of sources that have one of their own, by name.
    package var sources: [String: SourceRetention]

    package init(
        events: Duration, bytes: ByteCount? = nil, deadLetters: Duration? = nil,
        sources: [String: SourceRetention] = [:]
    ) {
        self.events = events
        self.bytes = bytes
        self.deadLetters = deadLetters ?? events
        self.sources = sources
    }
}
