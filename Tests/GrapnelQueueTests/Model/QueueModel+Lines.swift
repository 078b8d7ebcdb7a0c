import GrapnelCore

extension QueueModel {
    /// The output that stands first in the line of a key.
    func first(of lane: String, _ connection: String) -> Step? {
        effects.filter {
            $0.value.lane == lane && $0.value.connection == connection && $0.value.ticket > 0
                && $0.value.delivery?.state.isTerminal == false
        }.min { $0.value.ticket < $1.value.ticket }?.key
    }

    /// Lets the line of an output that moved say where it stands, and go on when it is over.
    mutating func lineUp(_ step: Step, wasOver: Bool, now: Timestamp) {
        guard var effect = effects[step], let lane = effect.lane, var delivery = effect.delivery else { return }
        if delivery.state.isTerminal {
            guard let first = first(of: lane, effect.connection), effects[first]?.delivery?.dueAt == .never else {
                return
            }
            let due = max(effects[first]?.notBefore ?? now, now)
            effects[first]?.delivery?.state = due > now ? .scheduled : .ready
            effects[first]?.delivery?.dueAt = due
            return
        }
        if wasOver {
            tickets += 1
            effect.ticket = tickets
            effects[step] = effect
        }
        guard let due = delivery.dueAt, due != .never, first(of: lane, effect.connection) != step else { return }
        effect.notBefore = due
        delivery.state = .scheduled
        delivery.dueAt = .never
        effect.delivery = delivery
        effects[step] = effect
    }
}
