import GrapnelCore

/// Rejected requests: a bounded list of which the oldest go first.
struct RejectionTable {
    /// What `decode` takes, in its order.
    static let columns = """
        j.id, j.tenant, j.source, j.method, j.url, j.query, j.headers, j.body, j.peer, j.received_at, j.kind, j.detail
        """

    private let connection: OpaquePointer
    private let insertion: Statement
    private let trimming: Statement
    private let expiry: Statement

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        insertion = try Statement(
            """
            INSERT INTO rejected (id, tenant, source, kind, detail, received_at, method, url, query, peer, headers,
                body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, on: connection)
        trimming = try Statement("DELETE FROM rejected WHERE number <= ?", on: connection)
        expiry = try Statement(
            "DELETE FROM rejected WHERE number IN (SELECT number FROM rejected ORDER BY number LIMIT ?) "
                + "AND received_at < ?", on: connection)
    }

    /// Keeps a rejection and lets the oldest go when there are more than `most`.
    func insert(_ rejection: RejectedRequest, most: Int) throws {
        let request = rejection.request
        insertion.add(rejection.id).add(rejection.tenant).add(rejection.source).add(rejection.kind)
            .add(rejection.detail).add(request.receivedAt).add(request.method).add(request.url).add(request.query)
            .add(request.peer).add(request.headers.encoded)
        try insertion.run(adding: request.body)
        // Numbers rise without gaps, so the bound needs no count.
        try trimming.add(Connection.lastNumber(connection) - Int64(most)).run()
    }

    /// Deletes those received before a moment; returns how many.
    func expire(before: Timestamp, limit: Int) throws -> Int {
        try expiry.add(limit).add(before).run()
        return Connection.changes(connection)
    }

    /// The rejection in `columns`.
    static func decode(_ row: Statement) throws -> RejectedRequest {
        RejectedRequest(
            id: try row.identifier(), tenant: row.tenant(), source: row.text(),
            request: InboundRequest(
                method: row.text(), url: row.text(), query: row.text(), headers: HeaderFields(encoded: row.bytes()),
                body: row.bytes(), peer: row.text(), receivedAt: row.timestamp()),
            kind: try row.code(), detail: row.text())
    }
}
