import GrapnelCore
import GrapnelQueue

/// One event of a workload, and the states that it went through.
struct Item: Sendable {
    /// A state, and between which operations of the disk it came about.
    struct Step: Sendable {
        var state: ItemState
        /// When the change was asked for: an earlier cut cannot know it.
        var asked: Int
        /// When it was answered: a later cut must know it.
        var answered: Int
    }

    static let recipe = "lead"

    let number: Int
    let event: Identifier<Event>
    var steps = [Step(state: .absent, asked: 0, answered: 0)]

    var key: String { "item:\(number)" }

    /// The states in which a disk may be found after `cut` operations: the last that was answered, or one that was on
    /// its way.
    func possible(at cut: Int) -> ArraySlice<Step> {
        let last = steps.lastIndex { $0.answered <= cut } ?? 0
        return steps[last...].prefix { $0.asked <= cut }
    }
}
