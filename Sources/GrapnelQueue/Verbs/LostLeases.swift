package import GrapnelCore

/// Work whose fence is no longer this node's: stop it, write nothing.
package struct LostLeases: Sendable, Hashable {
    package var runs: Set<Identifier<Run>>
    package var outputs: Set<Identifier<Effect>>

    package init(runs: Set<Identifier<Run>> = [], outputs: Set<Identifier<Effect>> = []) {
        self.runs = runs
        self.outputs = outputs
    }
}
