import GrapnelCore

/// Synchronous replies, kept for duplicates of their events.
struct ReplyTable {
    private let insertion: Statement
    private let deletion: Statement

    init(_ connection: OpaquePointer) throws {
        // The vendor got the first one, so duplicates get it too.
        insertion = try Statement(
            "INSERT INTO reply (event, status, headers, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            on: connection)
        deletion = try Statement("DELETE FROM reply WHERE event = ?", on: connection)
    }

    func insert(_ reply: HTTPReply, to event: Identifier<Event>) throws {
        insertion.add(event).add(reply.status).add(reply.headers.encoded)
        try insertion.run(adding: reply.body)
    }

    func delete(to event: Identifier<Event>) throws { try deletion.add(event).run() }

    /// The reply in the columns status, headers, body.
    static func decode(_ row: Statement) -> HTTPReply {
        HTTPReply(status: row.count(), headers: HeaderFields(encoded: row.bytes()), body: row.bytes())
    }
}
