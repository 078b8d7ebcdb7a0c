package import GrapnelCore

/// The leases that a node still works under.
package struct LeaseExtension: Sendable {
    package var runs: [Identifier<Run>: Int64]
    package var outputs: [Identifier<Effect>: Int64]
    package var lease: Duration

    package init(runs: [Identifier<Run>: Int64], outputs: [Identifier<Effect>: Int64], lease: Duration) {
        self.runs = runs
        self.outputs = outputs
        self.lease = lease
    }
}
