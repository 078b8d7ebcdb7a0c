import GRDBSQLite
import GrapnelCore

/// A prepared statement of one connection, used by the thread that owns the connection and by no other.
///
/// Parameters are added in their order, columns are taken in theirs. Every way to run it leaves it reset, so that no
/// statement holds a snapshot open.
final class Statement {
    private let handle: OpaquePointer
    private let isOwned: Bool
    private var parameter: Int32 = 0
    private var column: Int32 = 0

    /// Copies of bound bytes are made by SQLite.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// Prepares `sql` for long use on `connection`.
    init(_ sql: String, on connection: OpaquePointer) throws(SQLiteFailure) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else { throw SQLiteFailure(connection) }
        self.handle = handle
        isOwned = true
    }

    /// A statement that somebody else prepared and will finalise.
    init(borrowing handle: OpaquePointer) {
        self.handle = handle
        isOwned = false
    }

    deinit {
        if isOwned { sqlite3_finalize(handle) }
    }

    // MARK: Running

    /// Runs a statement that gives no rows, and forgets its parameters.
    func run() throws(SQLiteFailure) {
        let code = sqlite3_step(handle)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure() }
        reset()
    }

    /// Runs it; each row goes to `body` until that says `false`.
    func forEach(_ body: (Statement) throws -> Bool) throws {
        defer { reset() }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW:
                column = 0
                guard try body(self) else { return }
            case SQLITE_DONE: return
            default: throw failure()
            }
        }
    }

    /// The first row, decoded; `nil` when there is none.
    func first<Value>(_ decode: (Statement) throws -> Value) throws -> Value? {
        var value: Value?
        try forEach { row in
            value = try decode(row)
            return false
        }
        return value
    }

    /// Every row, decoded.
    func all<Value>(_ decode: (Statement) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        try forEach { row in
            values.append(try decode(row))
            return true
        }
        return values
    }

    private func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        parameter = 0
    }

    private func failure() -> SQLiteFailure {
        let failure = SQLiteFailure(sqlite3_db_handle(handle))
        reset()
        return failure
    }

    // MARK: Parameters

    /// Binds the next parameter to NULL.
    @discardableResult
    func addNull() -> Statement {
        parameter += 1
        sqlite3_bind_null(handle, parameter)
        return self
    }

    @discardableResult
    func add(_ value: Int64) -> Statement {
        parameter += 1
        sqlite3_bind_int64(handle, parameter, value)
        return self
    }

    @discardableResult
    func add(_ value: Int) -> Statement { add(Int64(value)) }

    @discardableResult
    func add(_ value: Int?) -> Statement { value.map { add(Int64($0)) } ?? addNull() }

    @discardableResult
    func add(_ value: Bool) -> Statement { add(value ? Int64(1) : 0) }

    @discardableResult
    func add(_ value: Timestamp) -> Statement { add(value.milliseconds) }

    @discardableResult
    func add(_ value: Timestamp?) -> Statement { value.map { add($0.milliseconds) } ?? addNull() }

    @discardableResult
    func add(_ value: some StoredCode) -> Statement { add(value.code) }

    @discardableResult
    func add(_ value: (some StoredCode)?) -> Statement { value.map { add($0.code) } ?? addNull() }

    @discardableResult
    func add(_ value: TenantID) -> Statement { add(value.name) }

    @discardableResult
    func add(_ text: String) -> Statement {
        parameter += 1
        var text = text
        text.withUTF8 { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                if let base = characters.baseAddress {
                    _ = sqlite3_bind_text(handle, parameter, base, Int32(characters.count), Statement.transient)
                } else {
                    _ = sqlite3_bind_text(handle, parameter, "", 0, nil)
                }
            }
        }
        return self
    }

    @discardableResult
    func add(_ text: String?) -> Statement { text.map { add($0) } ?? addNull() }

    @discardableResult
    func add(_ bytes: [UInt8]) -> Statement {
        parameter += 1
        bytes.withUnsafeBytes { buffer in
            if buffer.isEmpty {
                _ = sqlite3_bind_zeroblob(handle, parameter, 0)
            } else {
                _ = sqlite3_bind_blob64(
                    handle, parameter, buffer.baseAddress, UInt64(buffer.count), Statement.transient)
            }
        }
        return self
    }

    @discardableResult
    func add(_ bytes: [UInt8]?) -> Statement { bytes.map { add($0) } ?? addNull() }

    @discardableResult
    func add<Subject>(_ id: Identifier<Subject>) -> Statement {
        parameter += 1
        withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { buffer in
            _ = sqlite3_bind_blob(handle, parameter, buffer.baseAddress, 16, Statement.transient)
        }
        return self
    }

    @discardableResult
    func add<Subject>(_ id: Identifier<Subject>?) -> Statement { id.map { add($0) } ?? addNull() }

    /// Binds a version: 32 bytes when it is 64 lower-case hex digits, as it is but for tests, else its text.
    @discardableResult
    func add(_ version: RecipeVersion) -> Statement {
        version.packed.map { add($0) } ?? add(version.hash)
    }

    @discardableResult
    func add(_ version: RecipeVersion?) -> Statement { version.map { add($0) } ?? addNull() }

    /// Binds the next parameter to `bytes` without a copy and runs the statement within their scope.
    func run(adding bytes: [UInt8]) throws(SQLiteFailure) {
        parameter += 1
        let code: Int32 = bytes.withUnsafeBytes { buffer in
            if buffer.isEmpty {
                sqlite3_bind_zeroblob(handle, parameter, 0)
            } else {
                sqlite3_bind_blob64(handle, parameter, buffer.baseAddress, UInt64(buffer.count), nil)
            }
            let code = sqlite3_step(handle)
            // The binding must not outlive the bytes.
            if code == SQLITE_DONE || code == SQLITE_ROW { reset() }
            return code
        }
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure() }
    }

    // MARK: Columns of the current row, in order

    /// Whether the next column is NULL; it stays the next.
    var isNull: Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    /// Leaves out `count` columns.
    func skip(_ count: Int32) { column += count }

    private func taken() -> Int32 {
        column += 1
        return column - 1
    }

    private func optional<Value>(_ take: () throws -> Value) rethrows -> Value? {
        if isNull {
            column += 1
            return nil
        }
        return try take()
    }

    func integer() -> Int64 { sqlite3_column_int64(handle, taken()) }

    func count() -> Int { Int(integer()) }

    func flag() -> Bool { integer() != 0 }

    func optionalInteger() -> Int64? { optional(integer) }

    func optionalCount() -> Int? { optional(count) }

    func optionalFlag() -> Bool? { optional(flag) }

    func timestamp() -> Timestamp { Timestamp(milliseconds: integer()) }

    func optionalTimestamp() -> Timestamp? { optional(timestamp) }

    func text() -> String {
        let index = taken()
        guard let base = sqlite3_column_text(handle, index) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, index))
        return String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
    }

    func optionalText() -> String? { optional(text) }

    func bytes() -> [UInt8] {
        let index = taken()
        guard let base = sqlite3_column_blob(handle, index) else { return [] }
        return Array(UnsafeRawBufferPointer(start: base, count: Int(sqlite3_column_bytes(handle, index))))
    }

    func optionalBytes() -> [UInt8]? { optional(bytes) }

    func identifier<Subject>(_ subject: Subject.Type = Subject.self) throws(QueueError) -> Identifier<Subject> {
        let index = taken()
        guard let base = sqlite3_column_blob(handle, index), sqlite3_column_bytes(handle, index) == 16 else {
            throw Statement.unreadable("an identity")
        }
        let halves = base.loadUnaligned(as: (UInt64, UInt64).self)
        return Identifier(high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1))
    }

    func optionalIdentifier<Subject>(_ subject: Subject.Type = Subject.self) throws -> Identifier<Subject>? {
        try optional { try identifier(subject) }
    }

    func code<Code: StoredCode>(_ type: Code.Type = Code.self) throws(QueueError) -> Code {
        guard let value = Code(code: integer()) else { throw Statement.unreadable("\(type)") }
        return value
    }

    func optionalCode<Code: StoredCode>(_ type: Code.Type = Code.self) throws -> Code? {
        try optional { try code(type) }
    }

    func tenant() -> TenantID { TenantID(text()) }

    func version() -> RecipeVersion {
        sqlite3_column_type(handle, column) == SQLITE_BLOB ? RecipeVersion(packed: bytes()) : RecipeVersion(text())
    }

    func optionalVersion() -> RecipeVersion? { optional(version) }

    /// The error for a row that this program cannot have written.
    static func unreadable(_ what: String) -> QueueError {
        QueueError(.unusable, "the database holds a row with an impossible value of \(what): restore the latest backup")
    }
}
