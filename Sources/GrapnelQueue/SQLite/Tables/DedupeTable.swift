import GrapnelCore

/// Delivery ids that are remembered, each with the event it first came with.
///
/// The key is the exact text, not a hash of it, so that two deliveries can never be mistaken for one another.
struct DedupeTable {
    /// A delivery as it is remembered.
    struct Known {
        var event: Identifier<Event>
        var fingerprint: [UInt8]
        var expiresAt: Timestamp
    }

    /// The place of a row: where a sweep goes on.
    struct Place: Equatable {
        var tenant = ""
        var source = ""
        var delivery = ""
    }

    private let insertion: Statement
    private let selection: Statement
    private let replacement: Statement
    private let deletion: Statement
    private let sweeping: Statement
    private let expiry: Statement
    private let emitted: Statement
    private let connection: OpaquePointer

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        let values = "(tenant, source, delivery_id, event, fingerprint, expires_at) VALUES (?, ?, ?, ?, ?, ?)"
        insertion = try Statement("INSERT INTO dedupe \(values) ON CONFLICT DO NOTHING", on: connection)
        replacement = try Statement("INSERT OR REPLACE INTO dedupe \(values)", on: connection)
        let place = "WHERE tenant = ? AND source = ? AND delivery_id = ?"
        selection = try Statement("SELECT event, fingerprint, expires_at FROM dedupe \(place)", on: connection)
        deletion = try Statement("DELETE FROM dedupe \(place) AND event = ? AND expires_at <= ?", on: connection)
        sweeping = try Statement(
            """
            SELECT tenant, source, delivery_id, expires_at FROM dedupe WHERE (tenant, source, delivery_id) > (?, ?, ?)
            ORDER BY tenant, source, delivery_id LIMIT ?
            """, on: connection)
        expiry = try Statement("DELETE FROM dedupe \(place)", on: connection)
        emitted = try Statement(
            "DELETE FROM dedupe WHERE tenant = ? AND source = ? AND delivery_id > ? AND delivery_id < ?",
            on: connection)
    }

    /// Remembers the delivery of `event`, or tells which event it came with before. Once expired it counts as new.
    func remember(
        _ event: Event, delivery: String, fingerprint: [UInt8], until: Timestamp, now: Timestamp
    ) throws -> Known? {
        func bind(_ statement: Statement) -> Statement {
            statement.add(event.tenant).add(event.source).add(delivery).add(event.id).add(fingerprint).add(until)
        }
        try bind(insertion).run()
        if Connection.changes(connection) == 1 { return nil }
        let known = try selection.add(event.tenant).add(event.source).add(delivery).first { row in
            Known(event: try row.identifier(), fingerprint: row.bytes(), expiresAt: row.timestamp())
        }
        if let known, known.expiresAt > now { return known }
        try bind(replacement).run()
        return nil
    }

    /// Forgets a delivery of `event` when it has expired.
    func forget(
        tenant: TenantID, source: String, delivery: String, event: Identifier<Event>, now: Timestamp
    ) throws {
        try deletion.add(tenant).add(source).add(delivery).add(event).add(now).run()
    }

    /// Forgets the events that a line of replays emitted, expired or not: none of its runs can emit them again.
    func forgetEmissions(tenant: TenantID, recipe: String, origin: Identifier<Run>) throws {
        // `0` comes after `/`: between them lie all delivery ids that begin with the origin.
        try emitted.add(tenant).add(Event.source(ofRecipe: recipe)).add("\(origin)/").add("\(origin)0").run()
    }

    /// Forgets what has expired among the next `limit` rows; returns where to go on, `nil` at the end.
    func sweep(from place: Place, limit: Int, now: Timestamp) throws -> Place? {
        var last: Place?
        var count = 0
        var expired: [Place] = []
        try sweeping.add(place.tenant).add(place.source).add(place.delivery).add(limit).forEach { row in
            let here = Place(tenant: row.text(), source: row.text(), delivery: row.text())
            if row.timestamp() <= now { expired.append(here) }
            last = here
            count += 1
            return true
        }
        for row in expired { try expiry.add(row.tenant).add(row.source).add(row.delivery).run() }
        return count == limit ? last : nil
    }
}
