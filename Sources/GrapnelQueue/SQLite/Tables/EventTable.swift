import GrapnelCore

/// Events: what was said, apart from the bytes of the request that said it.
struct EventTable {
    /// What `decode` takes, in its order; `r` is the event's request.
    static let columns = """
        e.id, e.tenant, e.source, e.type, e.delivery_id, e.received_at, r.headers, r.query, r.body, e.body_kind, \
        e.value, e.parse_error, e.conflict_of, e.cause, e.depth
        """

    /// The tables that `columns` are of.
    static let tables = "event e JOIN request r ON r.number = e.request"

    private let insertion: Statement
    private let knownConflict: Statement
    private let selection: Statement
    private let delivery: Statement
    private let deletion: Statement

    init(_ connection: OpaquePointer) throws {
        insertion = try Statement(
            """
            INSERT INTO event (id, tenant, request, source, type, delivery_id, received_at, body_kind, value,
                parse_error, conflict_of, conflict_fingerprint, cause, depth)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, on: connection)
        knownConflict = try Statement(
            "SELECT id FROM event WHERE conflict_of = ? AND conflict_fingerprint = ?", on: connection)
        selection = try Statement(
            "SELECT id, tenant, conflict_of FROM event WHERE id = ?", on: connection)
        delivery = try Statement("SELECT tenant, source, delivery_id FROM event WHERE id = ?", on: connection)
        deletion = try Statement("DELETE FROM event WHERE id = ?", on: connection)
    }

    /// Stores an event; `conflict` is the fingerprint of one whose `conflictOf` is set.
    func insert(_ event: Event, request: Int64, conflict: [UInt8]?) throws {
        try insertion.add(event.id).add(event.tenant).add(request).add(event.source).add(event.type)
            .add(event.deliveryID).add(event.receivedAt).add(event.bodyKind).add(event.value).add(event.parseError)
            .add(event.conflictOf).add(conflict).add(event.cause).add(event.depth).run()
    }

    /// The conflicting event of the same original that has this fingerprint.
    func conflict(with original: Identifier<Event>, fingerprint: [UInt8]) throws -> Identifier<Event>? {
        try knownConflict.add(original).add(fingerprint).first { try $0.identifier() }
    }

    /// The tenant of an event, and what it is in conflict with; `nil` when there is no such event.
    func find(_ id: Identifier<Event>) throws -> (tenant: TenantID, conflictOf: Identifier<Event>?)? {
        try selection.add(id).first { row in
            row.skip(1)
            return (row.tenant(), try row.optionalIdentifier())
        }
    }

    /// Where the delivery id of an event is remembered.
    func delivery(of id: Identifier<Event>) throws -> (tenant: TenantID, source: String, id: String?)? {
        try delivery.add(id).first { row in (row.tenant(), row.text(), row.optionalText()) }
    }

    func delete(_ id: Identifier<Event>) throws { try deletion.add(id).run() }

    /// The event in `columns`.
    static func decode(_ row: Statement) throws -> Event {
        Event(
            id: try row.identifier(), tenant: row.tenant(), source: row.text(), type: row.text(),
            deliveryID: row.optionalText(), receivedAt: row.timestamp(),
            headers: HeaderFields(encoded: row.bytes()), query: row.text(), raw: row.bytes(),
            bodyKind: try row.code(), value: row.optionalBytes(), parseError: row.optionalText(),
            conflictOf: try row.optionalIdentifier(), cause: try row.optionalIdentifier(), depth: row.count())
    }
}
