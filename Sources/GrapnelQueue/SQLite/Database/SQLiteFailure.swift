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

    /// Whether a sync failed, of a file or of its folder. The kernel may have dropped the pages and call the next sync a
    /// success, so a sync is never tried again (https://www.sqlite.org/rescode.html#ioerr_fsync).
    var isOfSync: Bool { primaryCode == SQLITE_IOERR && (code >> 8 == 4 || code >> 8 == 5) }

    /// Whether the process must end: after a failed sync, and with a database that is corrupt and cannot be trusted.
    var isFatal: Bool { isOfSync || primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }

    /// The failure as it is told to all whose writes wait, and to the operator, when the process must end.
    var farewell: QueueError {
        switch primaryCode {
        case SQLITE_CORRUPT, SQLITE_NOTADB: QueueError(.unusable, "\(queueError.message); until then the hub stops")
        default:
            QueueError(
                .storage,
                "the database failed for good (\(self)): the hub must stop; check the disk, then start it again")
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
