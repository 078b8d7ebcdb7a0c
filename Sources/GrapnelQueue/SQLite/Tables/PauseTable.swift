import GrapnelCore

/// What is paused. A few rows, which every claim and every acceptance asks for, so their names are kept in memory.
final class PauseTable {
    /// What `decode` takes, in its order.
    static let columns = "kind, name, since, reason, by"

    private let insertion: Statement
    private let selection: Statement
    private let all: Statement
    private let deletion: Statement
    private var names: [PauseKind: Set<String>]?

    init(_ connection: OpaquePointer) throws {
        insertion = try Statement(
            "INSERT INTO pause (\(PauseTable.columns)) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", on: connection)
        selection = try Statement("SELECT \(PauseTable.columns) FROM pause WHERE kind = ? AND name = ?", on: connection)
        all = try Statement("SELECT \(PauseTable.columns) FROM pause", on: connection)
        deletion = try Statement("DELETE FROM pause WHERE kind = ? AND name = ?", on: connection)
    }

    /// The names of everything of one kind that is paused.
    func names(of kind: PauseKind) throws -> Set<String> {
        if let names { return names[kind] ?? [] }
        let read = try all.all(PauseTable.decode).reduce(into: [PauseKind: Set<String>]()) {
            $0[$1.kind, default: []].insert($1.name)
        }
        names = read
        return read[kind] ?? []
    }

    /// Reads the rows again when they are asked for: they changed, or a change was undone.
    func forget() { names = nil }

    func find(_ kind: PauseKind, _ name: String) throws -> Pause? {
        try selection.add(kind).add(name).first(PauseTable.decode)
    }

    /// Stores a pause, unless there is one already.
    func insert(_ pause: Pause) throws {
        forget()
        try insertion.add(pause.kind).add(pause.name).add(pause.since).add(pause.reason).add(pause.by).run()
    }

    func delete(_ kind: PauseKind, _ name: String) throws {
        forget()
        try deletion.add(kind).add(name).run()
    }

    /// The pause in `columns`.
    static func decode(_ row: Statement) throws -> Pause {
        Pause(
            kind: try row.code(), name: row.text(), since: row.timestamp(), reason: row.optionalText(), by: row.text())
    }
}
