/// An event that a handler leaves behind, as the handler said it.
package struct EventEmission: Sendable, Hashable {
    package var type: String
    package var data: JSON
    /// The author's key, else `emit#n`. With the origin of the run it names the event, over attempts and replays.
    package var step: String
    /// How long its runs wait. Default: not at all.
    package var delay: Duration
    /// When its runs begin, in place of `delay`.
    package var at: Timestamp?

    package init(type: String, data: JSON, step: String, delay: Duration = .zero, at: Timestamp? = nil) {
        self.type = type
        self.data = data
        self.step = step
        self.delay = delay
        self.at = at
    }
}
