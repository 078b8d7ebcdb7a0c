package import GrapnelCore

/// What may be deleted. Never anything that is not terminal, nor an event that such a run needs.
package struct Pruning: Sendable {
    /// What one source keeps in place of what all do.
    package struct Source: Sendable, Hashable {
        /// Events received before this moment may go; `nil`: as those of the other sources.
        package var before: Timestamp?
        /// While more bytes of requests than this are kept, the oldest may go too; `nil`: never for that.
        package var keep: ByteCount?

        package init(before: Timestamp? = nil, keep: ByteCount? = nil) {
            self.before = before
            self.keep = keep
        }
    }

    /// Events received before this moment, with their runs, attempts and effects.
    package var before: Timestamp
    /// Dead letters stay unless they died before this moment, however old their events are; `nil`: they go with them.
    package var deadBefore: Timestamp?
    /// While more than this is stored, events that are not that old may go too, the oldest first, dead letters among
    /// them; `nil`: never.
    package var keep: ByteCount?
    /// Sources with a retention of their own, by name.
    package var sources: [String: Source]
    /// Whether a pass over what is old begins at its beginning, with what could not be deleted before; else where the
    /// last pass ended. Default `true`.
    package var revisits: Bool
    /// The most rows of one commit. Default 500.
    package var limit: Int
    /// How long one commit may take before the rest is left to the next; a single request is never divided. Default
    /// 10 ms.
    package var within: Duration

    package init(
        before: Timestamp, deadBefore: Timestamp? = nil, keep: ByteCount? = nil, sources: [String: Source] = [:],
        revisits: Bool = true, limit: Int = 500, within: Duration = .milliseconds(10)
    ) {
        self.before = before
        self.deadBefore = deadBefore
        self.keep = keep
        self.sources = sources
        self.revisits = revisits
        self.limit = limit
        self.within = within
    }
}
