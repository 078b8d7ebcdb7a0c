import GrapnelCore

/// What a decision writes into the columns of a run or of an output's delivery.
struct WorkPlacement: Sendable, Hashable {
    var state: WorkState
    var deadReason: DeadReason?
    var parkReason: ParkReason?
    var dueAt: Timestamp?
    var finishedAt: Timestamp?

    init(_ decision: WorkDecision, now: Timestamp) {
        switch decision {
        case .succeed:
            state = .succeeded
            finishedAt = now
        case .retry(let at):
            state = at > now ? .scheduled : .ready
            dueAt = at
        case .die(let reason):
            state = .dead
            deadReason = reason
            finishedAt = now
        case .park(let reason):
            state = .parked
            parkReason = reason
        }
    }

    /// Where a cancellation puts it, by a person or by what took its place.
    init(cancelledAt now: Timestamp) {
        state = .cancelled
        finishedAt = now
    }

    /// Whether it waits for its time or for a node.
    var isWaiting: Bool { dueAt != nil }
}
