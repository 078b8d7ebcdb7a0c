import GrapnelCore

/// An effect as the ledger stores it: what was asked, and how it stands.
struct EffectRow: Sendable, Hashable {
    var effect: Effect
    /// The event that started it all.
    var event: Identifier<Event>
    var outcome: Outcome

    /// How the delivery of an output stands; `nil` for a call.
    func delivery(attempts: [Attempt]) -> EffectDetail.Delivery? {
        outcome.delivery.map {
            EffectDetail.Delivery(
                state: $0, deadReason: outcome.deadReason, parkReason: outcome.parkReason,
                counters: outcome.counters, dueAt: outcome.dueAt, attempts: attempts, lane: outcome.lane)
        }
    }
}
