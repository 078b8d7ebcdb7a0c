/// What a pruning step deleted.
package struct PruningReport: Sendable, Hashable {
    package var events: Int
    package var hasMore: Bool

    package init(events: Int, hasMore: Bool) {
        self.events = events
        self.hasMore = hasMore
    }
}
