import GrapnelCore

/// Accepted requests: the exact bytes, written once.
struct RequestTable {
    /// What `decode` takes, in its order.
    static let columns = """
        r.id, r.tenant, r.source, r.method, r.url, r.query, r.headers, r.body, r.peer, r.received_at, r.scheme, \
        r.secret_name, r.secret_version, r.events
        """

    /// A request as pruning sees it.
    struct Old {
        var number: Int64
        var source: String
        var receivedAt: Timestamp
        /// Of its headers and body.
        var bytes: Int
        var events: [Identifier<Event>]
    }

    /// The place of a request among those of its source: where pruning goes on.
    struct Place {
        var source = ""
        var number: Int64 = 0
    }

    private let lastNumber: Statement
    private let insertion: Statement
    private let older: Statement
    private let olderOfSource: Statement
    private let nextSource: Statement
    private let deletion: Statement

    init(_ connection: OpaquePointer) throws {
        lastNumber = try Statement("SELECT MAX(number) FROM request", on: connection)
        insertion = try Statement(
            """
            INSERT INTO request (number, id, tenant, source, received_at, scheme, secret_name, secret_version, events,
                method, url, query, peer, headers, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, on: connection)
        let columns = "number, source, received_at, length(headers) + length(body), events"
        older = try Statement(
            "SELECT \(columns) FROM request WHERE number > ? ORDER BY number LIMIT ?", on: connection)
        olderOfSource = try Statement(
            "SELECT \(columns) FROM request WHERE source = ? AND number > ? ORDER BY number LIMIT ?", on: connection)
        nextSource = try Statement(
            "SELECT source FROM request WHERE source > ? ORDER BY source LIMIT 1", on: connection)
        deletion = try Statement("DELETE FROM request WHERE number = ?", on: connection)
    }

    /// The number for the next request; events carry it, so it is known before the request is written.
    func nextNumber() throws -> Int64 {
        (try lastNumber.first { $0.integer() } ?? 0) + 1
    }

    /// Stores a request.
    func insert(
        _ accepted: AcceptedRequest, number: Int64, headers: [UInt8], events: [Identifier<Event>]
    ) throws {
        let request = accepted.request
        let verdict = accepted.verdict
        insertion.add(number).add(accepted.id).add(accepted.tenant).add(accepted.source).add(request.receivedAt)
            .add(verdict.scheme).add(verdict.secretName).add(verdict.secretVersion)
            .add(events.flatMap(\.bytes)).add(request.method).add(request.url).add(request.query).add(request.peer)
            .add(headers)
        try insertion.run(adding: request.body)
    }

    /// The oldest requests whose number is greater than `number`.
    func older(after number: Int64, limit: Int) throws -> [Old] {
        try older.add(number).add(limit).all(RequestTable.old)
    }

    /// The oldest requests of one source behind a place.
    func older(after place: Place, limit: Int) throws -> [Old] {
        try olderOfSource.add(place.source).add(place.number).add(limit).all(RequestTable.old)
    }

    /// The next source, by name, of which a request is kept.
    func source(after name: String) throws -> String? { try nextSource.add(name).first { $0.text() } }

    private static func old(_ row: Statement) throws -> Old {
        Old(
            number: row.integer(), source: row.text(), receivedAt: row.timestamp(), bytes: row.count(),
            events: try events(row.bytes()))
    }

    func delete(_ number: Int64) throws { try deletion.add(number).run() }

    /// The request in `columns`.
    static func decode(_ row: Statement) throws -> StoredRequest {
        StoredRequest(
            id: try row.identifier(), tenant: row.tenant(), source: row.text(),
            request: InboundRequest(
                method: row.text(), url: row.text(), query: row.text(), headers: HeaderFields(encoded: row.bytes()),
                body: row.bytes(), peer: row.text(), receivedAt: row.timestamp()),
            verdict: verdict(row), events: try events(row.bytes()))
    }

    /// The verdict in the columns scheme, secret_name, secret_version.
    static func verdict(_ row: Statement) -> Verdict {
        Verdict(scheme: row.text(), secretName: row.optionalText(), secretVersion: row.optionalText())
    }

    private static func events(_ bytes: [UInt8]) throws(QueueError) -> [Identifier<Event>] {
        var events: [Identifier<Event>] = []
        for start in stride(from: 0, to: bytes.count, by: 16) {
            guard let id = Identifier<Event>(bytes: bytes[start..<min(start + 16, bytes.count)]) else {
                throw Statement.unreadable("an event of a request")
            }
            events.append(id)
        }
        return events
    }
}
