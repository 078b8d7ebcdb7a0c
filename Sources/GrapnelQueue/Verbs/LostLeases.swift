package import GrapnelCore

/// What a node learns when it prolongs its leases.
package struct LostLeases: Sendable, Hashable {
    /// Runs whose fence is no longer this node's: stop them, write nothing.
    package var runs: Set<Identifier<Run>>
    /// Outputs whose fence is no longer this node's.
    package var outputs: Set<Identifier<Effect>>
    /// Runs that are this node's and that a person has cancelled: stop them, and end them as always.
    package var cancelledRuns: Set<Identifier<Run>>

    package init(
        runs: Set<Identifier<Run>> = [], outputs: Set<Identifier<Effect>> = [],
        cancelledRuns: Set<Identifier<Run>> = []
    ) {
        self.runs = runs
        self.outputs = outputs
        self.cancelledRuns = cancelledRuns
    }
}
