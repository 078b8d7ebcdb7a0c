import GrapnelCore

/// Token buckets of recipes and their keys, each kept as the moment at which it is full again (the generic cell rate
/// algorithm); a bucket that is full has no row. It keeps what the wall clock said when it was taken from, too: when that
/// has not come yet, the clock was ahead, and so is the moment.
struct RateTable {
    private let selection: Statement
    private let replacement: Statement
    private let expiry: Statement
    private let connection: OpaquePointer

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        selection = try Statement(
            "SELECT full_at, taken_at FROM rate WHERE tenant = ? AND recipe = ? AND key = ?", on: connection)
        replacement = try Statement(
            "INSERT OR REPLACE INTO rate (tenant, recipe, key, full_at, taken_at) VALUES (?, ?, ?, ?, ?)",
            on: connection)
        expiry = try Statement(
            """
            DELETE FROM rate WHERE (tenant, recipe, key) IN (
                SELECT tenant, recipe, key FROM rate WHERE full_at <= ? ORDER BY full_at LIMIT ?)
            """, on: connection)
    }

    /// Takes a token, the next that there is from `start` on; returns when.
    func take(
        _ rate: RunFlow.Rate, tenant: TenantID, recipe: String, from start: Timestamp, now: Timestamp
    ) throws -> Timestamp {
        let known = try selection.add(tenant).add(recipe).add(rate.key).first { row in
            let (fullAt, takenAt) = (row.integer(), row.timestamp())
            return fullAt - max(takenAt.microseconds - now.microseconds, 0)
        }
        let taken = RateTable.take(rate, from: start, fullAt: known)
        try replacement.add(tenant).add(recipe).add(rate.key).add(taken.fullAt).add(now).run()
        return taken.slot
    }

    /// When the next token is there, and when the bucket is full again without it, in microseconds.
    static func take(
        _ rate: RunFlow.Rate, from start: Timestamp, fullAt known: Int64?
    ) -> (slot: Timestamp, fullAt: Int64) {
        let start = start.microseconds
        let interval = max(rate.interval.milliseconds.saturated(times: 1000), 1)
        let count = Int64(max(rate.count, 1))
        // Rounded up: rather a little slower than a little too fast.
        let step = max((interval - 1) / count + 1, 1)
        let patience = step.saturated(times: count - 1)
        let full = max(known ?? start, start)
        let slot = max(start, full - patience)
        let (next, overflow) = full.addingReportingOverflow(step)
        return (Timestamp(milliseconds: slot / 1000 + (slot % 1000 > 0 ? 1 : 0)), overflow ? .max : next)
    }

    /// Forgets a bounded number of buckets that are full; returns how many.
    func expire(now: Timestamp, limit: Int) throws -> Int {
        try expiry.add(now.microseconds).add(limit).run()
        return Connection.changes(connection)
    }
}

extension Timestamp {
    fileprivate var microseconds: Int64 { milliseconds.saturated(times: 1000) }
}

extension Int64 {
    fileprivate func saturated(times factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? ((self < 0) == (factor < 0) ? .max : .min) : product
    }
}
