package import GrapnelCore

/// What became of the events of an accepted request, in their order.
package struct AcceptedResult: Sendable, Hashable {
    /// What became of one event.
    package enum Disposition: Sendable, Hashable {
        /// Stored, with its runs.
        case stored
        /// The same delivery was stored before; nothing was stored now.
        case duplicate(of: Identifier<Event>)
        /// Stored, without runs, because an earlier delivery of the same id has another body.
        case conflict(with: Identifier<Event>)
    }

    package var dispositions: [Disposition]
    /// The runs that were inserted leased; their caller starts them.
    package var leased: [LeasedRun]
    /// The runs that wait because their source or their recipe is paused.
    package var held: Set<Identifier<Run>>

    package init(dispositions: [Disposition], leased: [LeasedRun], held: Set<Identifier<Run>> = []) {
        self.dispositions = dispositions
        self.leased = leased
        self.held = held
    }
}
