import GRDBSQLite

/// A database as SQLite sees it, without the engine.
enum RawDatabase {
    /// The first column of every row that a statement gives; what SQLite says when it cannot.
    static func rows(_ sql: String, of path: String) -> [String] {
        var connection: OpaquePointer?
        defer { sqlite3_close(connection) }
        guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
            return [failure(connection)]
        }
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else {
            return [failure(connection)]
        }
        defer { sqlite3_finalize(statement) }
        var rows: [String] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: rows.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "")
            case SQLITE_DONE: return rows
            default: return rows + [failure(connection)]
            }
        }
    }

    /// Everything that is wrong with the structure of a database; empty when nothing is.
    static func damage(of path: String) -> [String] {
        rows("PRAGMA integrity_check", of: path).filter { $0 != "ok" }
    }

    private static func failure(_ connection: OpaquePointer?) -> String {
        sqlite3_errmsg(connection).map { String(cString: $0) } ?? "no memory"
    }
}
