package import GrapnelCore

/// How much of the free space inside the database goes back to the disk.
package struct SpaceReclaim: Sendable, Hashable {
    /// Free space that stays, because it will be used again soon. Default 64 MiB.
    package var spare: ByteCount
    /// The most pages of one commit. Default 512: 2 MiB.
    package var pages: Int

    package init(spare: ByteCount = .mebibytes(64), pages: Int = 512) {
        self.spare = spare
        self.pages = pages
    }
}
