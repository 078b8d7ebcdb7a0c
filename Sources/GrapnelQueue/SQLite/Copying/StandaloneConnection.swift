import GRDBSQLite

/// A connection of its own for work beside the queue: copying, inspecting, compacting. Used by one thread at a time.
final class StandaloneConnection {
    enum Access {
        /// Reads, also while a hub writes; never writes and never checkpoints.
        case read
        /// Reads a file that nobody writes, without making files beside it.
        case readUnchanging
        /// Writes: only under the lock of the hub.
        case write
        /// Writes a new file.
        case create

        fileprivate var flags: Int32 {
            switch self {
            case .read: SQLITE_OPEN_READONLY
            case .readUnchanging: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            case .write: SQLITE_OPEN_READWRITE
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        }
    }

    let handle: OpaquePointer

    init(_ path: String, access: Access) throws(SQLiteFailure) {
        var handle: OpaquePointer?
        let name = access == .readUnchanging ? "file:\(StandaloneConnection.escaped(path))?immutable=1" : path
        let code = sqlite3_open_v2(name, &handle, access.flags | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let handle else {
            let failure = SQLiteFailure(code: code, message: String(cString: sqlite3_errstr(code)))
            sqlite3_close_v2(handle)
            throw failure
        }
        self.handle = handle
        // A hub that commits just now is waited for.
        sqlite3_busy_timeout(handle, 5000)
        sqlite3_wal_autocheckpoint(handle, 0)
    }

    deinit {
        sqlite3_close_v2(handle)
    }

    /// The first column of the first row as a number.
    func number(_ sql: String) throws -> Int64? {
        try Statement(sql, on: handle).first { $0.optionalInteger() } ?? nil
    }

    /// The first column of every row as text.
    func texts(_ sql: String) throws -> [String] {
        try Statement(sql, on: handle).all { $0.text() }
    }

    /// What has a meaning in a URI, spelt so that it has none.
    private static func escaped(_ path: String) -> String {
        path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
    }
}
