/// The state of a run or of an output. `Transitions` are in `WorkDecision`; this is what is stored.
package enum WorkState: String, Sendable, Hashable, CaseIterable {
    /// Waits for its time. Next: ready (when due), cancelled.
    case scheduled
    /// Due; waits for a node. Next: leased, cancelled.
    case ready
    /// A node works on it under a lease and a fence. Next: any but itself.
    case leased
    /// Done. Terminal.
    case succeeded
    /// Gave up, with a `DeadReason`. Terminal; a human replay makes a new run or re-arms the output.
    case dead
    /// Waits for a human, with a `ParkReason`. Next: ready, dead.
    case parked
    /// Ended by a human. Terminal.
    case cancelled

    /// Whether nothing but a recorded human replay leaves this state.
    package var isTerminal: Bool {
        switch self {
        case .succeeded, .dead, .cancelled: true
        case .scheduled, .ready, .leased, .parked: false
        }
    }
}
