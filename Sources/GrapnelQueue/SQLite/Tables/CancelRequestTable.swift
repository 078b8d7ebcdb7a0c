import GrapnelCore

/// Runs and outputs that a person has cancelled while they were leased.
struct CancelRequestTable {
    private let connection: OpaquePointer
    private let insertion: Statement
    private let selection: Statement
    private let all: Statement
    private let deletion: Statement

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        insertion = try Statement(
            "INSERT INTO cancel_request (subject) VALUES (?) ON CONFLICT DO NOTHING", on: connection)
        selection = try Statement("SELECT 1 FROM cancel_request WHERE subject = ?", on: connection)
        all = try Statement("SELECT subject FROM cancel_request", on: connection)
        deletion = try Statement("DELETE FROM cancel_request WHERE subject = ?", on: connection)
    }

    /// Remembers the wish until the attempt ends.
    func insert<Subject>(_ id: Identifier<Subject>) throws { try insertion.add(id).run() }

    func has<Subject>(_ id: Identifier<Subject>) throws -> Bool { try selection.add(id).first { _ in true } ?? false }

    /// Whether it was asked for; forgets it.
    func take<Subject>(_ id: Identifier<Subject>) throws -> Bool {
        guard try has(id) else { return false }
        try deletion.add(id).run()
        return true
    }

    /// Those of `ids` that are asked for.
    func among<Subject>(_ ids: some Collection<Identifier<Subject>>) throws -> Set<Identifier<Subject>> {
        let asked = Set(try all.all { try $0.identifier(Subject.self) })
        return asked.isEmpty ? [] : asked.intersection(ids)
    }
}
