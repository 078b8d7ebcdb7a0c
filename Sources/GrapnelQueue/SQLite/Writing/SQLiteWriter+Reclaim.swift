import GrapnelCore

extension SQLiteWriter {
    /// Gives free pages at the end of the file back to the disk. A database that was made before this was possible has
    /// none of them: `grapnel vacuum` makes it possible.
    func reclaim(_ reclaim: SpaceReclaim) throws -> SpaceReport {
        func number(_ name: String) throws -> Int {
            try Statement("PRAGMA \(name)", on: connection).first { $0.count() } ?? 0
        }
        let incremental = 2
        guard try number("auto_vacuum") == incremental else { return SpaceReport(freed: .bytes(0), hasMore: false) }
        let size = try number("page_size")
        let free = try number("freelist_count")
        let surplus = free - reclaim.spare.bytes / max(size, 1)
        guard surplus > 0 else { return SpaceReport(freed: .bytes(0), hasMore: false) }
        try Connection.execute("PRAGMA incremental_vacuum(\(min(surplus, max(reclaim.pages, 1))))", on: connection)
        let freed = free - (try number("freelist_count"))
        return SpaceReport(freed: .bytes(freed * size), hasMore: freed > 0 && surplus > freed)
    }
}
