package import GrapnelCore

/// What a step gave back to the disk.
package struct SpaceReport: Sendable, Hashable {
    package var freed: ByteCount
    /// Whether there is more above what stays.
    package var hasMore: Bool

    package init(freed: ByteCount, hasMore: Bool) {
        self.freed = freed
        self.hasMore = hasMore
    }
}
