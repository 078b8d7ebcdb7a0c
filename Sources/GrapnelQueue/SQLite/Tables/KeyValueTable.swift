import GrapnelCore

/// The durable stores of recipes. An entry that has expired reads as absent, but its version goes on.
struct KeyValueTable {
    /// What `decode` takes, in its order.
    static let columns = "k.key, k.value, k.version, k.expires_at"

    /// A write with the version that it gives its key; 0 when it deletes it.
    struct Planned {
        var write: KeyValueWrite
        var version: Int64
    }

    /// What is to be written, or the key that has another version than expected.
    enum Plan {
        case writes([Planned])
        case conflict(key: String)
    }

    private let connection: OpaquePointer
    private let selection: Statement
    private let replacement: Statement
    private let deletion: Statement
    private let expiry: Statement

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        let place = "WHERE tenant = ? AND recipe = ? AND key = ?"
        selection = try Statement("SELECT version, expires_at FROM kv \(place)", on: connection)
        replacement = try Statement(
            "INSERT OR REPLACE INTO kv (tenant, recipe, key, version, expires_at, value) VALUES (?, ?, ?, ?, ?, ?)",
            on: connection)
        deletion = try Statement("DELETE FROM kv \(place)", on: connection)
        expiry = try Statement(
            """
            DELETE FROM kv WHERE (tenant, recipe, key) IN (
                SELECT tenant, recipe, key FROM kv WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
            """, on: connection)
    }

    /// Decides on all writes, in order, before any takes place.
    func plan(
        _ writes: [KeyValueWrite], tenant: TenantID, recipe: String, now: Timestamp
    ) throws -> Plan {
        var planned: [Planned] = []
        // The last version and the visible one, of keys that an earlier write of this batch touches.
        var touched: [String: (last: Int64, visible: Int64)] = [:]
        for write in writes {
            let current: (last: Int64, visible: Int64)
            if let known = touched[write.key] {
                current = known
            } else {
                let stored = try selection.add(tenant).add(recipe).add(write.key).first { row in
                    (version: row.integer(), expiresAt: row.optionalTimestamp())
                }
                let isVisible = stored.map { $0.expiresAt.map { $0 > now } ?? true } ?? false
                current = (stored?.version ?? 0, isVisible ? stored?.version ?? 0 : 0)
            }
            if let expected = write.expectedVersion, expected != current.visible { return .conflict(key: write.key) }
            let version = write.value == nil ? 0 : current.last + 1
            touched[write.key] = (version, version)
            planned.append(Planned(write: write, version: version))
        }
        return .writes(planned)
    }

    /// Does what was planned.
    func write(_ planned: [Planned], tenant: TenantID, recipe: String) throws {
        for (write, version) in planned.map({ ($0.write, $0.version) }) {
            if let value = write.value {
                replacement.add(tenant).add(recipe).add(write.key).add(version).add(write.expiresAt)
                try replacement.run(adding: value)
            } else {
                try deletion.add(tenant).add(recipe).add(write.key).run()
            }
        }
    }

    /// Deletes entries that have expired; returns how many.
    func expire(now: Timestamp, limit: Int) throws -> Int {
        try expiry.add(now).add(limit).run()
        return Connection.changes(connection)
    }

    /// The entry in `columns`.
    static func decode(_ row: Statement) -> KeyValueEntry {
        KeyValueEntry(
            key: row.text(), value: row.bytes(), version: row.integer(), expiresAt: row.optionalTimestamp())
    }
}
