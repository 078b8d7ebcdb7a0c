package import GrapnelCore

/// Kept counters of a hub's whole life and of its present.
package struct QueueCounts: Sendable, Hashable {
    package var requests: Int
    package var events: Int
    package var duplicates: Int
    package var conflicts: Int
    package var rejections: [RejectionKind: Int]
    package var runs: [WorkState: Int]
    /// Outputs by the state of their delivery.
    package var outputs: [WorkState: Int]
    package var effects: [EffectState: Int]
    package var maybeDuplicates: Int

    package init(
        requests: Int = 0, events: Int = 0, duplicates: Int = 0, conflicts: Int = 0,
        rejections: [RejectionKind: Int] = [:], runs: [WorkState: Int] = [:], outputs: [WorkState: Int] = [:],
        effects: [EffectState: Int] = [:], maybeDuplicates: Int = 0
    ) {
        self.requests = requests
        self.events = events
        self.duplicates = duplicates
        self.conflicts = conflicts
        self.rejections = rejections
        self.runs = runs
        self.outputs = outputs
        self.effects = effects
        self.maybeDuplicates = maybeDuplicates
    }
}
