/// An output that this node may send: the effect, already `in_flight`, and the fence under which it was taken.
package struct LeasedOutput: Sendable, Hashable {
    package var effect: Effect
    package var fence: Int64
    /// The counters before this try.
    package var counters: WorkCounters
    /// The event that started it all, for logs.
    package var event: Identifier<Event>
    /// The moment that it is meant for; `nil` for the one of its making.
    package var plannedFor: Timestamp?

    package init(
        effect: Effect, fence: Int64, counters: WorkCounters, event: Identifier<Event>, plannedFor: Timestamp? = nil
    ) {
        self.plannedFor = plannedFor
        self.effect = effect
        self.fence = fence
        self.counters = counters
        self.event = event
    }
}
