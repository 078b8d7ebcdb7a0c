package import GrapnelCore

/// What a person no longer wants.
package struct Cancellation: Sendable {
    /// Runs, each with those of its outputs that are not delivered yet.
    package var runs: [Identifier<Run>]
    /// Outputs whose delivery is to end.
    package var outputs: [Identifier<Effect>]

    package init(runs: [Identifier<Run>] = [], outputs: [Identifier<Effect>] = []) {
        self.runs = runs
        self.outputs = outputs
    }
}
