package import GrapnelCore

/// The copy of a database that is made beside it before its schema changes: `<path>.before-<schema>-<time>`.
package enum UpgradeCopy {
    /// Copies that are kept; the oldest go.
    static let most = 2
    /// What stays free on the volume beside the copy. 16 MiB.
    static let spare = ByteCount.mebibytes(16)

    /// Copies the database at `path`, which holds the schema of the migration `schema` (`0001 …`).
    ///
    /// - Parameter free: Free bytes on the volume; `nil` when nobody knows.
    /// - Throws: `QueueError` `storage` when there is no room: then the upgrade must not begin.
    package static func make(of path: String, schema: String, size: Int, free: Int?, now: Timestamp) throws {
        if let free, free < size + spare.bytes {
            throw QueueError(
                .storage,
                "the database was made by an older version, and there is no room for the copy that is made before an "
                    + "upgrade: \(ByteCount.bytes(size).rounded) are needed, \(ByteCount.bytes(free).rounded) are free. "
                    + "Make room beside \(path), and start again; nothing was changed")
        }
        let number = schema.prefix { $0 != " " }
        let target = "\(path).before-\(number)-\(now.compact)"
        try DatabaseCopy.make(of: path, at: "\(target).part")
        try SyncedFile.rename("\(target).part", to: target)
        let copies = SyncedFile.siblings(of: path, suffix: ".before-").filter { !$0.hasSuffix(".part") }
        for old in copies.dropLast(most) { SyncedFile.remove(old) }
    }
}
