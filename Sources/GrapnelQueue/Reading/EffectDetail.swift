package import GrapnelCore

/// An effect; when it is an output, with the state of its delivery.
package struct EffectDetail: Sendable, Hashable {
    /// How the delivery of an output stands.
    package struct Delivery: Sendable, Hashable {
        package var state: WorkState
        package var deadReason: DeadReason?
        package var parkReason: ParkReason?
        package var counters: WorkCounters
        package var dueAt: Timestamp?
        package var attempts: [Attempt]
        /// The key of the line that it stands in.
        package var lane: String?
        /// The output that must be over before this one is due, when its line holds it.
        package var heldBy: Identifier<Effect>?

        package init(
            state: WorkState, deadReason: DeadReason?, parkReason: ParkReason?, counters: WorkCounters,
            dueAt: Timestamp?, attempts: [Attempt], lane: String? = nil, heldBy: Identifier<Effect>? = nil
        ) {
            self.lane = lane
            self.heldBy = heldBy
            self.state = state
            self.deadReason = deadReason
            self.parkReason = parkReason
            self.counters = counters
            self.dueAt = dueAt
            self.attempts = attempts
        }
    }

    package var effect: Effect
    /// `nil` for a call.
    package var delivery: Delivery?

    package init(effect: Effect, delivery: Delivery?) {
        self.effect = effect
        self.delivery = delivery
    }
}
