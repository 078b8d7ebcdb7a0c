import GRDB

/// What the observer asks the database while it watches.
struct Queries {
    let effect: Query
    let ledger: Query
    let outputsOfOrigin: Query
    /// Runs of an event, and batches that it joined.
    let runsOfEvent: Query
    let living: Query
    /// How much is due, and when the next is.
    let due: Query

    init(_ database: DatabaseQueue) throws {
        effect = try Query(
            "SELECT hex(origin), step, kind, operation, tenant FROM effect WHERE id = ?", on: database)
        ledger = try Query(
            """
            SELECT hex(e.id), e.idempotency_key, o.state, o.sends, o.fence
            FROM effect e JOIN outcome o ON o.effect = e.id WHERE e.origin = ? AND e.step = ?
            """, on: database)
        outputsOfOrigin = try Query("SELECT COUNT(*) FROM effect WHERE kind = 1 AND origin = ?", on: database)
        runsOfEvent = try Query(
            """
            SELECT (SELECT COUNT(*) FROM run WHERE event = ?1) + (SELECT COUNT(*) FROM member m
                JOIN run u ON u.id = m.batch WHERE m.event = ?1 AND u.event <> ?1)
            """, on: database)
        living = try Query(
            """
            SELECT (SELECT COUNT(*) FROM run WHERE state IN (0, 1, 2, 5))
                + (SELECT COUNT(*) FROM outcome WHERE delivery IN (0, 1, 2, 5))
            """, on: database)
        due = try Query(
            """
            SELECT (SELECT COUNT(*) FROM run WHERE state <= 1 AND due_at <= ?1)
                + (SELECT COUNT(*) FROM outcome WHERE delivery <= 1 AND due_at <= ?1),
                (SELECT MIN(due_at) FROM (SELECT due_at FROM run WHERE state <= 1 AND due_at > ?1
                UNION ALL SELECT due_at FROM outcome WHERE delivery <= 1 AND due_at > ?1)
                WHERE due_at < \(Int64.max))
            """, on: database)
    }
}
