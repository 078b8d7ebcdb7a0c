package import GrapnelCore

/// What may be deleted. Never anything that is not terminal, nor an event that such a run needs.
package struct Pruning: Sendable {
    /// Events received before this moment, with their runs, attempts and effects.
    package var before: Timestamp
    /// While more than this is stored, events that are not that old may go too, the oldest first; `nil`: never.
    package var keep: ByteCount?
    /// The most rows of one commit. Default 500.
    package var limit: Int

    package init(before: Timestamp, keep: ByteCount? = nil, limit: Int = 500) {
        self.before = before
        self.keep = keep
        self.limit = limit
    }
}
