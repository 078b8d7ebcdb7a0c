package import GrapnelCore

/// A time of a schedule that has come.
package struct DueTick: Sendable, Hashable {
    /// When it was due.
    package var at: Timestamp
    /// How many came before it that nothing ran for; at most `Schedule.mostCounted`.
    package var missed: Int
}
