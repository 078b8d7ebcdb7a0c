import GRDBSQLite

/// What a call of the SQLite library answered instead of success.
struct SQLiteFailure: Error, Sendable, CustomStringConvertible {
    /// The extended result code (https://www.sqlite.org/rescode.html).
    let code: Int32
    let message: String

    /// The failure that `connection` reports now.
    init(_ connection: OpaquePointer?) {
        code = sqlite3_extended_errcode(connection)
        message = sqlite3_errmsg(connection).map { String(cString: $0) } ?? "unknown failure"
    }

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    var description: String { "SQLite \(code): \(message)" }

    /// The code without its extension.
    private var primaryCode: Int32 { code & 0xFF }

    /// Whether the disk, not the write, is at fault: every write of the commit fails.
    var isStorage: Bool {
        switch primaryCode {
        case SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_NOMEM, SQLITE_CORRUPT, SQLITE_NOTADB:
            true
        default: false
        }
    }

    /// Whether the process must end. After a failed sync the kernel may have dropped the pages and call the next sync a
    /// success, so a sync is never tried again (https://www.sqlite.org/rescode.html#ioerr_fsync); a database that is
    /// corrupt cannot be trusted either.
    var isFatal: Bool {
        switch primaryCode {
        case SQLITE_CORRUPT, SQLITE_NOTADB: return true
        case SQLITE_IOERR:
            let extensionCode = code >> 8
            return extensionCode == 4 || extensionCode == 5
        default: return false
        }
    }

    /// The failure as callers of the queue see it.
    var queueError: QueueError {
        switch primaryCode {
        case SQLITE_FULL:
            QueueError(.storage, "the disk is full: make room on the volume of the state directory; writes then go on")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            QueueError(.unusable, "the database is damaged (\(message)): restore the latest backup")
        case SQLITE_CONSTRAINT:
            QueueError(.conflict, "a row of the same identity is there already (\(message))")
        case SQLITE_BUSY, SQLITE_LOCKED:
            QueueError(.locked, "another process uses the database: only the hub may have it open")
        case _ where isStorage:
            QueueError(.storage, "the database cannot be written (\(message)): check the disk of the state directory")
        default:
            QueueError(.unusable, "the database refused a statement (\(message))")
        }
    }
}
