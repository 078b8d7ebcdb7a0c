package import GrapnelCore

/// What a cancellation changed; what was over already is in none of it.
package struct CancellationReport: Sendable, Hashable {
    /// Runs that are cancelled.
    package var runs: Set<Identifier<Run>>
    /// Outputs that are cancelled, those of the runs among them.
    package var outputs: Set<Identifier<Effect>>
    /// Runs that a node works on: they end within a heartbeat, or when their attempt does.
    package var endingRuns: Set<Identifier<Run>>
    /// Outputs that are being sent: they are not sent again.
    package var endingOutputs: Set<Identifier<Effect>>

    package init(
        runs: Set<Identifier<Run>> = [], outputs: Set<Identifier<Effect>> = [],
        endingRuns: Set<Identifier<Run>> = [], endingOutputs: Set<Identifier<Effect>> = []
    ) {
        self.runs = runs
        self.outputs = outputs
        self.endingRuns = endingRuns
        self.endingOutputs = endingOutputs
    }

    /// Whether nothing was there to cancel.
    package var isEmpty: Bool { runs.isEmpty && outputs.isEmpty && endingRuns.isEmpty && endingOutputs.isEmpty }
}
