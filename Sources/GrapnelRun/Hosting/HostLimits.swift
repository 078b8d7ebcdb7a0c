package import GrapnelCore

/// The limits of what a run asks of the hub, beside those of its manifest.
package struct HostLimits: Sendable, Hashable {
    /// The largest input of a call or an output, as JSON text. Default 1 MiB.
    package var input: ByteCount
    /// How long a call or a fetch may take when the handler says nothing. Default 20 s.
    package var call: Duration
    /// What of the run's time stays free for the handler after a call. Default 1 s.
    package var reserve: Duration
    /// The longest delay of an output. Default 30 d.
    package var delay: Duration
    /// The longest key of an effect. Default 256 bytes.
    package var step: ByteCount
    /// The largest result of a handler that is kept, as JSON text. Default 256 KiB.
    package var result: ByteCount
    /// The largest synchronous reply. Default 1 MiB.
    package var reply: ByteCount
    /// The largest data of an emitted event, as JSON text. Default 1 MiB.
    package var event: ByteCount
    /// The data of all events that one run emits. Default 4 MiB.
    package var events: ByteCount
    /// The longest type of an emitted event. Default 256 bytes.
    package var eventType: ByteCount
    /// How many events may lead to one another, each emitted by a run of the one before: the end of a loop. Default 8.
    package var depth: Int
    package var keyValues: KeyValueLimits

    package init(
        input: ByteCount = .mebibytes(1), call: Duration = .seconds(20), reserve: Duration = .seconds(1),
        delay: Duration = .seconds(30 * 86_400), step: ByteCount = .bytes(256), result: ByteCount = .kibibytes(256),
        reply: ByteCount = .mebibytes(1), event: ByteCount = .mebibytes(1), events: ByteCount = .mebibytes(4),
        eventType: ByteCount = .bytes(256), depth: Int = 8, keyValues: KeyValueLimits = KeyValueLimits()
    ) {
        self.input = input
        self.call = call
        self.reserve = reserve
        self.delay = delay
        self.step = step
        self.result = result
        self.reply = reply
        self.event = event
        self.events = events
        self.eventType = eventType
        self.depth = depth
        self.keyValues = keyValues
    }
}
