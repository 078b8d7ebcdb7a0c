import GrapnelCore

/// Finds what was put off while the clock was ahead: retries of runs and outputs that are due after a moment, and runs
/// that were made after it, however much waits before them.
struct PutOffWork {
    /// A run that was made later than it is now, and was not tried yet.
    struct EarlyRun {
        var id: Identifier<Run>
        var state: WorkState
        var dueAt: Timestamp?
        var notBefore: Timestamp?
        var createdAt: Timestamp
        var plannedFor: Timestamp?
    }

    /// How long an identifier may have been made before its run: 1 min.
    private static let patience = Duration.seconds(60)

    private let lanes: Statement
    private let runs: Statement
    private let connections: Statement
    private let outputs: Statement
    private let early: Statement
    private let newest: Statement
    private let moving: Statement

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
        // Identifiers sort by age: whatever was made before is not looked at.
        early = try Statement(
            """
            SELECT id, state, due_at, not_before, created_at, planned_for FROM run
            WHERE id >= ? AND created_at > ? AND +state IN (0, 1, 5) AND attempts = 0
            ORDER BY id LIMIT ?
            """, on: connection)
        newest = try Statement("SELECT created_at FROM run ORDER BY id DESC LIMIT 1", on: connection)
        moving = try Statement(
            "UPDATE run SET state = ?, due_at = ?, not_before = ?, created_at = ? WHERE id = ?", on: connection)
    }

    /// When the last run was made.
    func newestRun() throws -> Timestamp? { try newest.first { $0.timestamp() } }

    /// Runs that were made after `moment`, and wait or are parked, oldest first.
    func runs(madeAfter moment: Timestamp, limit: Int) throws -> [EarlyRun] {
        let lowest = Identifier<Run>.lowest(at: moment - PutOffWork.patience)
        return try early.add(lowest).add(moment).add(limit).all { row in
            EarlyRun(
                id: try row.identifier(), state: try row.code(), dueAt: row.optionalTimestamp(),
                notBefore: row.optionalTimestamp(), createdAt: row.timestamp(), plannedFor: row.optionalTimestamp())
        }
    }

    /// Gives such a run other times.
    func move(_ run: EarlyRun) throws {
        try moving.add(run.state).add(run.dueAt).add(run.notBefore).add(run.createdAt).add(run.id).run()
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
