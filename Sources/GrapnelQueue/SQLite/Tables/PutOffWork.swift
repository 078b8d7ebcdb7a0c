import GrapnelCore

/// Finds what was put off while the clock was ahead: retries of runs and outputs that are due after a moment, and runs
/// that were made after it, and outputs likewise, however much waits before them.
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
    private let earlyOutputs: Statement
    private let newest: Statement
    private let moving: Statement
    private let backdating: Statement

    init(_ connection: OpaquePointer) throws {
        lanes = try Statement(RunTable.nextLane, on: connection)
        connections = try Statement(OutcomeTable.nextLane, on: connection)
        runs = try Statement(
            """
            SELECT id FROM run WHERE state <= 1 AND recipe = ? AND due_at > ? AND due_at < ? AND fence > 0
                AND (not_before IS NULL OR not_before < due_at)
            ORDER BY due_at LIMIT ?
            """, on: connection)
        outputs = try Statement(
            """
            SELECT effect FROM outcome WHERE delivery <= 1 AND connection = ? AND due_at > ? AND due_at < ?
                AND attempts > 0
            ORDER BY due_at LIMIT ?
            """, on: connection)
        // Identifiers sort by age: whatever was made before is not looked at.
        let madeAfter = "FROM run WHERE id >= ? AND created_at > ? AND +state IN (0, 1, 5) AND attempts = 0"
        early = try Statement(
            "SELECT id, state, due_at, not_before, created_at, planned_for \(madeAfter) ORDER BY id LIMIT ?",
            on: connection)
        newest = try Statement("SELECT created_at \(madeAfter) ORDER BY id DESC LIMIT 1", on: connection)
        earlyOutputs = try Statement(
            """
            SELECT e.id, e.created_at FROM effect e JOIN outcome o ON o.effect = e.id
            WHERE e.id >= ? AND e.created_at > ? AND o.delivery <= 1 AND o.attempts = 0
            ORDER BY e.id LIMIT ?
            """, on: connection)
        backdating = try Statement("UPDATE effect SET created_at = ? WHERE id = ?", on: connection)
        moving = try Statement(
            "UPDATE run SET state = ?, due_at = ?, not_before = ?, created_at = ? WHERE id = ?", on: connection)
    }

    /// Runs that were made after `moment`, and wait or are parked, oldest first.
    func runs(madeAfter moment: Timestamp, limit: Int) throws -> [EarlyRun] {
        let lowest = Identifier<Run>.lowest(at: moment - PutOffWork.patience)
        return try early.add(lowest).add(moment).add(limit).all { row in
            EarlyRun(
                id: try row.identifier(), state: try row.code(), dueAt: row.optionalTimestamp(),
                notBefore: row.optionalTimestamp(), createdAt: row.timestamp(), plannedFor: row.optionalTimestamp())
        }
    }

    /// When the last of them was made.
    func newestRun(madeAfter moment: Timestamp) throws -> Timestamp? {
        try newest.add(Identifier<Run>.lowest(at: moment - PutOffWork.patience)).add(moment).first { $0.timestamp() }
    }

    /// Outputs that were made after `moment` and wait to be sent for the first time, oldest first.
    func outputs(madeAfter moment: Timestamp, limit: Int) throws -> [(id: Identifier<Effect>, createdAt: Timestamp)] {
        let lowest = Identifier<Effect>.lowest(at: moment - PutOffWork.patience)
        return try earlyOutputs.add(lowest).add(moment).add(limit).all { (try $0.identifier(), $0.timestamp()) }
    }

    /// Says when an output was made.
    func backdate(_ output: Identifier<Effect>, to moment: Timestamp) throws {
        try backdating.add(moment).add(output).run()
    }

    /// Gives such a run other times.
    func move(_ run: EarlyRun) throws {
        try moving.add(run.state).add(run.dueAt).add(run.notBefore).add(run.createdAt).add(run.id).run()
    }

    /// Runs that were leased before and are due after `moment`, otherwise than by a rule of their recipe.
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
