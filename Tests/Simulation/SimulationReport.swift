/// What came of one seed.
package struct SimulationReport: Sendable {
    package var seed: UInt64
    /// The first invariant that did not hold.
    package var violation: Violation?
    /// The hash of everything that happened: the same for every run of a seed.
    package var hash: UInt64
    package var steps: Int
    /// How long it was, in simulated milliseconds.
    package var time: Int64
    package var events: Int
    package var requests: Int
    package var boots: Int
    /// The last lines of the trace.
    package var tail: [String]
}
