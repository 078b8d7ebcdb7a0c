import GRDBSQLite
import Glibc

/// A page-for-page copy of a database, consistent although a hub writes to it meanwhile.
///
/// The connection that reads is read-only: it can neither write nor checkpoint, so the hub's writer stays the only one
/// that does. It holds one state of the database for as long as it copies; the log cannot begin anew meanwhile.
package enum DatabaseCopy {
    /// Pages of one step; the progress is told after each. 4 MiB.
    static let pagesPerStep: Int32 = 1024

    /// Copies the database at `source` into a new file at `target`, and syncs it.
    ///
    /// - Parameter progress: Called with the pages that are done and all of them; ends the copy by throwing.
    /// - Throws: `QueueError`: `unusable` when there is no database, `storage` when it cannot be read or written; or what
    ///   `progress` threw. No file is left then.
    package static func make(
        of source: String, at target: String, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws {
        guard access(source, F_OK) == 0 else { throw QueueError(.unusable, "there is no database at \(source)") }
        unlink(target)
        do {
            try copy(source, to: target, progress)
            try SyncedFile.sync(target)
        } catch {
            unlink(target)
            throw (error as? SQLiteFailure).map {
                QueueError($0.queueError.code, "\(target): \($0.queueError.message)")
            }
                ?? error
        }
    }

    private static func copy(
        _ source: String, to target: String, _ progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws {
        let reader = try StandaloneConnection(source, access: .read)
        let writer = try StandaloneConnection(target, access: .create)
        // The file is synced as a whole at the end.
        try Connection.execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", on: writer.handle)
        // From here on it sees one state, whatever is committed beside it.
        try Connection.execute("BEGIN; SELECT COUNT(*) FROM sqlite_schema", on: reader.handle)
        guard let backup = sqlite3_backup_init(writer.handle, "main", reader.handle, "main") else {
            throw SQLiteFailure(writer.handle)
        }
        do {
            while true {
                let code = sqlite3_backup_step(backup, pagesPerStep)
                guard code == SQLITE_OK || code == SQLITE_DONE else {
                    throw SQLiteFailure(code: code, message: String(cString: sqlite3_errstr(code)))
                }
                let total = Int(sqlite3_backup_pagecount(backup))
                try progress(total - Int(sqlite3_backup_remaining(backup)), total)
                if code == SQLITE_DONE { break }
            }
        } catch {
            sqlite3_backup_finish(backup)
            throw error
        }
        let code = sqlite3_backup_finish(backup)
        guard code == SQLITE_OK else { throw SQLiteFailure(writer.handle) }
    }
}
