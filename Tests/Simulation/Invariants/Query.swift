import GRDB
import GRDBSQLite
import GrapnelCore
import GrapnelQueue

/// A question that is put to the database again and again, and so prepared once.
///
/// Raw, because it is asked after almost every commit. Unchecked: there is one thread.
final class Query: @unchecked Sendable {
    enum Argument {
        case number(Int64)
        case text(String)
        /// An identity, in hexadecimal digits.
        case identity(String)
    }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private let handle: OpaquePointer

    init(_ sql: String, on database: DatabaseQueue) throws {
        var handle: OpaquePointer?
        sqlite3_prepare_v2(database.unsafeRead { $0.sqliteConnection }, sql, -1, &handle, nil)
        guard let handle else { throw QueueError(.unusable, "cannot prepare \(sql)") }
        self.handle = handle
    }

    deinit { sqlite3_finalize(handle) }

    /// The first row, decoded; `nil` when there is none.
    func first<Value>(_ arguments: Argument..., decode: (Query) -> Value) -> Value? {
        for (index, argument) in arguments.enumerated() {
            let place = Int32(index + 1)
            switch argument {
            case .number(let number): sqlite3_bind_int64(handle, place, number)
            case .text(let text): sqlite3_bind_text(handle, place, text, -1, Query.transient)
            case .identity(let digits):
                let bytes = Identifier<Event>(digits: digits)?.bytes ?? []
                sqlite3_bind_blob(handle, place, bytes, Int32(bytes.count), Query.transient)
            }
        }
        defer { sqlite3_reset(handle) }
        return sqlite3_step(handle) == SQLITE_ROW ? decode(self) : nil
    }

    /// The number of a column; `nil` for NULL.
    func number(_ column: Int32) -> Int64? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : sqlite3_column_int64(handle, column)
    }

    func text(_ column: Int32) -> String { sqlite3_column_text(handle, column).map { String(cString: $0) } ?? "" }
}
