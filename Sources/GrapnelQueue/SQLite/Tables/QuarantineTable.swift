import GrapnelCore

/// Versions of recipes that may not start.
struct QuarantineTable {
    /// What `decode` takes, in its order.
    static let columns = "q.recipe, q.version, q.run, q.error, q.since"

    private let connection: OpaquePointer
    private let insertion: Statement
    private let deletion: Statement

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        insertion = try Statement(
            """
            INSERT INTO quarantine (tenant, recipe, version, run, error, since) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """, on: connection)
        deletion = try Statement("DELETE FROM quarantine WHERE tenant = ? AND recipe = ?", on: connection)
    }

    /// The first run that did it is the one that is told of.
    func insert(_ quarantine: Quarantine, tenant: TenantID) throws {
        try insertion.add(tenant).add(quarantine.recipe).add(quarantine.version).add(quarantine.run)
            .add(quarantine.error).add(quarantine.since).run()
    }

    /// Releases every version of a recipe; how many there were.
    func delete(recipe: String, tenant: TenantID) throws -> Int {
        try deletion.add(tenant).add(recipe).run()
        return Connection.changes(connection)
    }

    /// The quarantine in `columns`.
    static func decode(_ row: Statement) throws -> Quarantine {
        Quarantine(
            recipe: row.text(), version: row.version(), run: try row.identifier(), error: row.text(),
            since: row.timestamp())
    }
}
