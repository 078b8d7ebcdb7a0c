package import GrapnelCore

/// Brings back what was put off while the clock was ahead.
package struct Recall: Sendable {
    /// What is due after this moment, and was begun before, is made ready: it is later than any retry can be.
    package var dueAfter: Timestamp
    /// How far the clock was put back, when that is known: runs and outputs that were made later than it is now, and were
    /// not tried yet, wait as much less, but not less than until the moment that a run was planned for. Default zero: as
    /// if the last of them had been made now.
    package var back: Duration
    /// The most rows of one commit. Default 500.
    package var limit: Int

    package init(dueAfter: Timestamp, back: Duration = .zero, limit: Int = 500) {
        self.dueAfter = dueAfter
        self.back = back
        self.limit = limit
    }
}
