import GRDBSQLite
package import GrapnelCore

/// Writes a database anew without its free pages, in a form from which space is given back step by step from then on.
package enum DatabaseCompaction {
    /// Compacts the database at `path`, under the lock of the hub: no hub may run.
    ///
    /// The new file is written and synced beside the old one and takes its name; a crash leaves one of the two.
    ///
    /// - Returns: The size before and after.
    /// - Throws: `QueueError`: `locked` when a hub runs, `storage` when there is no room for the new file.
    package static func run(
        _ path: String, holder: String
    ) throws -> (before: ByteCount, after: ByteCount) {
        let lock = try FileLock(path: "\(path).lock", holder: holder)
        defer { withExtendedLifetime(lock) {} }
        let target = "\(path).compact"
        SyncedFile.remove(target)
        do {
            let (before, needed) = try write(path, to: target, free: SyncedFile.freeBytes(beside: path))
            // The last connection that closes takes the log along; one that is still there belongs to somebody else.
            guard SyncedFile.size(of: "\(path)-wal") ?? 0 == 0 else {
                throw QueueError(.locked, "another process reads the database, a backup perhaps: try again later")
            }
            SyncedFile.remove("\(path)-wal")
            SyncedFile.remove("\(path)-shm")
            try SyncedFile.sync(target)
            try SyncedFile.rename(target, to: path)
            return (before, .bytes(SyncedFile.size(of: path) ?? needed))
        } catch {
            SyncedFile.remove(target)
            throw SQLiteOpening.queueError(error, path: path)
        }
    }

    /// What the new file needs at most: every page that is in use.
    package static func needed(_ path: String) throws(QueueError) -> ByteCount {
        do {
            return .bytes(try sizes(try StandaloneConnection(path, access: .read)).used)
        } catch {
            throw SQLiteOpening.queueError(error, path: path)
        }
    }

    private static func write(_ path: String, to target: String, free: Int?) throws -> (ByteCount, Int) {
        let connection = try StandaloneConnection(path, access: .write)
        guard try connection.number("PRAGMA application_id") == SQLiteOpening.applicationID else {
            throw QueueError(.unusable, "\(path) is not the database of a hub")
        }
        let (whole, used) = try sizes(connection)
        if let free, free < used + UpgradeCopy.spare.bytes {
            throw QueueError(
                .storage,
                "there is no room beside \(path): \(ByteCount.bytes(used).rounded) are needed, "
                    + "\(ByteCount.bytes(free).rounded) are free")
        }
        // Everything that was committed goes into the file that the new one takes the place of.
        var (logged, moved) = (Int32(0), Int32(0))
        let code = sqlite3_wal_checkpoint_v2(connection.handle, "main", SQLITE_CHECKPOINT_TRUNCATE, &logged, &moved)
        guard code == SQLITE_OK else { throw SQLiteFailure(connection.handle) }
        try Connection.execute("PRAGMA auto_vacuum = INCREMENTAL", on: connection.handle)
        try Statement("VACUUM INTO ?", on: connection.handle).add(target).run()
        return (.bytes(whole), used)
    }

    private static func sizes(_ connection: StandaloneConnection) throws -> (whole: Int, used: Int) {
        let page = Int(try connection.number("PRAGMA page_size") ?? 0)
        let pages = Int(try connection.number("PRAGMA page_count") ?? 0)
        let free = Int(try connection.number("PRAGMA freelist_count") ?? 0)
        return (pages * page, (pages - free) * page)
    }
}
