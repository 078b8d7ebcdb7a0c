import GrapnelCore

/// Finds retries of runs and outputs that are due after a moment, however much waits before them.
struct PutOffRetries {
    private let lanes: Statement
    private let runs: Statement
    private let connections: Statement
    private let outputs: Statement

    init(_ connection: OpaquePointer) throws {
        lanes = try Statement(RunTable.nextLane, on: connection)
        connections = try Statement(OutcomeTable.nextLane, on: connection)
        runs = try Statement(
            """
            SELECT id FROM run WHERE state <= 1 AND recipe = ? AND due_at > ? AND due_at < ? AND attempts > 0
            ORDER BY due_at LIMIT ?
            """, on: connection)
        outputs = try Statement(
            """
            SELECT effect FROM outcome WHERE delivery <= 1 AND connection = ? AND due_at > ? AND due_at < ?
                AND attempts > 0
            ORDER BY due_at LIMIT ?
            """, on: connection)
    }

    /// Runs that were tried before and are due after `moment`.
    func runs(after moment: Timestamp, limit: Int) throws -> [Identifier<Run>] {
        try find(lanes, runs, after: moment, limit: limit)
    }

    /// Outputs that were tried before and are due after `moment`.
    func outputs(after moment: Timestamp, limit: Int) throws -> [Identifier<Effect>] {
        try find(connections, outputs, after: moment, limit: limit)
    }

    private func find<Subject>(
        _ lanes: Statement, _ rows: Statement, after moment: Timestamp, limit: Int
    ) throws -> [Identifier<Subject>] {
        var found: [Identifier<Subject>] = []
        var lane = ""
        while found.count < limit, let next = try lanes.add(lane).first({ $0.text() }) {
            lane = next
            // What waits for something else than time is due at the end of time.
            found += try rows.add(lane).add(moment).add(Int64.max).add(limit - found.count).all { try $0.identifier() }
        }
        return found
    }
}
