import GRDB
package import GrapnelCore
import Synchronization

extension SQLiteQueue {
    /// Reads from one state of the database.
    func read<Value: Sendable>(_ body: @Sendable (Snapshot) throws -> Value) async throws -> Value {
        do {
            if readsInPlace { return try readInPlace(body) }
            return try await pool.read { try body(Snapshot($0)) }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw backlog.refusal ?? SQLiteOpening.queueError(error, path: pool.path)
        }
    }

    private func readInPlace<Value>(_ body: (Snapshot) throws -> Value) throws -> Value {
        try pool.unsafeRead { try body(Snapshot($0)) }
    }

    /// How SQLite looks for due runs and outputs: the lines of `EXPLAIN QUERY PLAN`. Claims are quick, however much
    /// waits, only as long as every line is a search of a partial index.
    package func claimPlan() async throws -> [String] {
        try await read { snapshot in
            try [RunTable.nextLane, RunTable.due, OutcomeTable.nextLane, OutcomeTable.due].flatMap { sql in
                try snapshot.statement("EXPLAIN QUERY PLAN \(sql)").all { row in
                    row.skip(3)
                    return row.text()
                }
            }
        }
    }

    /// How SQLite looks for a run's place in its line, as in `claimPlan`.
    package func lanePlan() async throws -> [String] {
        let queries = [
            LaneTable.first, LaneTable.last, LaneTable.leased, LaneTable.taken, LaneTable.held, OutputLineTable.first,
            OutputLineTable.last,
        ]
        return try await read { snapshot in
            try queries.flatMap { sql in
                try snapshot.statement("EXPLAIN QUERY PLAN \(sql)").all { row in
                    row.skip(3)
                    return row.text()
                }
            }
        }
    }

    // MARK: What was claimed

    func leasedRuns(_ claimed: [SQLiteWriter.ClaimedRun]) async throws -> [LeasedRun] {
        try await read { snapshot in
            try claimed.map { claim in
                guard let event = try snapshot.event(claim.run.event) else {
                    throw Statement.unreadable("the event of run \(claim.run.id)")
                }
                return LeasedRun(
                    run: claim.run, event: event, fence: claim.fence, hasEffects: claim.hasEffects,
                    batch: try claim.run.batch.map { try snapshot.events(ofBatch: $0) } ?? [])
            }
        }
    }

    func leasedOutputs(_ claimed: [Outcome]) async throws -> [LeasedOutput] {
        try await read { snapshot in
            try claimed.map { outcome in
                guard var row = try snapshot.effect(outcome.effect) else {
                    throw Statement.unreadable("effect \(outcome.effect)")
                }
                outcome.apply(to: &row.effect)
                return LeasedOutput(
                    effect: row.effect, fence: outcome.fence, counters: outcome.counters, event: row.event,
                    plannedFor: outcome.plannedFor)
            }
        }
    }

    // MARK: Events and requests

    static let storedEvent = """
        SELECT \(EventTable.columns), r.id, r.scheme, r.secret_name, r.secret_version, \
        (SELECT COUNT(*) FROM run WHERE event = e.id) + \
        (SELECT COUNT(*) FROM member m JOIN run b ON b.batch = m.batch WHERE m.event = e.id AND b.event <> e.id) \
        FROM \(EventTable.tables)
        """

    static func storedEvent(_ row: Statement) throws -> StoredEvent {
        StoredEvent(
            event: try EventTable.decode(row), request: try row.identifier(), verdict: RequestTable.verdict(row),
            runs: row.count())
    }

    package func event(_ id: Identifier<Event>) async throws -> StoredEvent? {
        try await read {
            try $0.statement("\(SQLiteQueue.storedEvent) WHERE e.id = ?").add(id).first(SQLiteQueue.storedEvent)
        }
    }

    package func request(_ id: Identifier<InboundRequest>) async throws -> StoredRequest? {
        try await read {
            try $0.statement("SELECT \(RequestTable.columns) FROM request r WHERE r.id = ?").add(id)
                .first(RequestTable.decode)
        }
    }

    package func requests(_ query: RequestQuery) async throws -> [StoredRequest] {
        try await read { snapshot in
            var clause = ListClause()
            if let source = query.source { clause.require("r.source = ?", source) }
            if let before = query.before {
                clause.require("r.number < (SELECT number FROM request WHERE id = ?)", before)
            }
            let statement = try snapshot.statement(
                "SELECT \(RequestTable.columns) FROM request r\(clause.sql) ORDER BY r.number DESC LIMIT ?")
            clause.bind(statement)
            return try statement.add(ListClause.bounded(query.limit)).all(RequestTable.decode)
        }
    }

    package func rejections(_ query: RequestQuery) async throws -> [RejectedRequest] {
        try await read { snapshot in
            var clause = ListClause()
            if let source = query.source { clause.require("j.source = ?", source) }
            if let before = query.before {
                clause.require("j.number < (SELECT number FROM rejected WHERE id = ?)", before)
            }
            let statement = try snapshot.statement(
                "SELECT \(RejectionTable.columns) FROM rejected j\(clause.sql) ORDER BY j.number DESC LIMIT ?")
            clause.bind(statement)
            return try statement.add(ListClause.bounded(query.limit)).all(RejectionTable.decode)
        }
    }

    package func rejection(_ id: Identifier<InboundRequest>) async throws -> RejectedRequest? {
        try await read {
            try $0.statement("SELECT \(RejectionTable.columns) FROM rejected j WHERE j.id = ?").add(id)
                .first(RejectionTable.decode)
        }
    }

    package func reply(to event: Identifier<Event>) async throws -> HTTPReply? {
        try await read {
            try $0.statement("SELECT status, headers, body FROM reply WHERE event = ?").add(event)
                .first(ReplyTable.decode)
        }
    }

    // MARK: Runs

    package func run(_ id: Identifier<Run>) async throws -> RunDetail? {
        try await read { snapshot in
            let run = try snapshot.statement("SELECT \(RunTable.columns) FROM run u WHERE u.id = ?").add(id)
                .first(RunTable.decode)
            guard let run else { return nil }
            let rows = try snapshot.statement(
                "SELECT \(EffectTable.columns) FROM \(EffectTable.tables) WHERE e.origin = ? ORDER BY e.number"
            ).add(run.origin).all(EffectTable.decode)
            return RunDetail(
                run: run, attempts: try snapshot.attempts(of: id), effects: try rows.map { try snapshot.detail($0) },
                batch: try run.batch.map { try snapshot.members(ofBatch: $0) } ?? [],
                heldBy: try snapshot.holder(of: run))
        }
    }

    package func runs(of event: Identifier<Event>) async throws -> [Run] {
        try await read {
            try $0.statement(
                """
                SELECT \(RunTable.columns) FROM run u
                WHERE u.event = ?1 OR u.batch IN (SELECT batch FROM member WHERE event = ?1)
                ORDER BY u.created_at, u.id
                """
            ).add(event).all(RunTable.decode)
        }
    }

    // MARK: Effects

    package func effect(_ id: Identifier<Effect>) async throws -> EffectDetail? {
        try await read { snapshot in try snapshot.effect(id).map { try snapshot.detail($0) } }
    }

    package func effect(origin: Identifier<Run>, step: String) async throws -> Effect? {
        try await read {
            try $0.statement(
                "SELECT \(EffectTable.columns) FROM \(EffectTable.tables) WHERE e.origin = ? AND e.step = ?"
            ).add(origin).add(step).first(EffectTable.decode)?.effect
        }
    }

    // MARK: Schedules

    package func scheduleMarks() async throws -> [ScheduleMark] {
        try await read { try $0.statement("SELECT \(ScheduleTable.columns) FROM schedule s").all(ScheduleTable.decode) }
    }

    package func plannedRuns(of recipe: String, limit: Int) async throws -> [Run] {
        try await read {
            try $0.statement(
                """
                SELECT \(RunTable.columns) FROM run u JOIN event e ON e.id = u.event
                WHERE u.recipe = ? AND u.state <= 1 AND u.attempts = 0 AND e.source = ? AND e.type = ?
                ORDER BY u.due_at, u.id LIMIT ?
                """
            ).add(recipe).add(Event.source(ofSchedulesOf: recipe)).add(ScheduleTick.plannedType).add(
                ListClause.bounded(limit)
            )
            .all(RunTable.decode)
        }
    }

    // MARK: Quarantine and credentials

    package func quarantines() async throws -> [Quarantine] {
        try await read {
            try $0.statement("SELECT \(QuarantineTable.columns) FROM quarantine q ORDER BY q.since")
                .all(QuarantineTable.decode)
        }
    }

    package func credentialFingerprints() async throws -> [String: [UInt8]] {
        try await read { snapshot in
            var found: [String: [UInt8]] = [:]
            try snapshot.statement("SELECT connection, fingerprint FROM credential WHERE woken = 1").forEach { row in
                found[row.text()] = row.bytes()
                return true
            }
            return found
        }
    }

    // MARK: Stores and counters

    private static let visible = "(k.expires_at IS NULL OR k.expires_at > ?)"

    package func keyValue(tenant: TenantID, recipe: String, key: String) async throws -> KeyValueEntry? {
        let now = clock.now()
        return try await read {
            try $0.statement(
                """
                SELECT \(KeyValueTable.columns) FROM kv k
                WHERE k.tenant = ? AND k.recipe = ? AND k.key = ? AND \(SQLiteQueue.visible)
                """
            ).add(tenant).add(recipe).add(key).add(now).first(KeyValueTable.decode)
        }
    }

    package func keyValues(
        tenant: TenantID, recipe: String, prefix: String, limit: Int
    ) async throws -> [KeyValueEntry] {
        let now = clock.now()
        return try await read { snapshot in
            var entries: [KeyValueEntry] = []
            try snapshot.statement(
                """
                SELECT \(KeyValueTable.columns) FROM kv k
                WHERE k.tenant = ? AND k.recipe = ? AND k.key >= ? AND \(SQLiteQueue.visible) ORDER BY k.key LIMIT ?
                """
            ).add(tenant).add(recipe).add(prefix).add(now).add(ListClause.bounded(limit)).forEach { row in
                let entry = KeyValueTable.decode(row)
                // Keys that start alike lie together.
                guard entry.key.utf8.starts(with: prefix.utf8) else { return false }
                entries.append(entry)
                return true
            }
            return entries
        }
    }

    package func pauses() async throws -> [Pause] {
        try await read {
            try $0.statement("SELECT \(PauseTable.columns) FROM pause ORDER BY kind, name").all(PauseTable.decode)
        }
    }

    package func connectionHealth() async throws -> [ConnectionHealth] {
        try await read {
            try $0.statement("SELECT \(ConnectionHealthTable.columns) FROM connection_health ORDER BY connection")
                .all(ConnectionHealthTable.decode)
        }
    }

    package func counts() async throws -> QueueCounts {
        try await read { snapshot in
            var values: [String: Int] = [:]
            try snapshot.statement("SELECT name, value FROM counter").forEach { row in
                values[row.text()] = row.count()
                return true
            }
            return CounterTable.counts(values)
        }
    }

    package func oldestDue() async throws -> Timestamp? {
        let start = Timestamp(milliseconds: 0)
        return [try await nextRunDue(after: start), try await nextOutputDue(after: start)].compactMap { $0 }.min()
    }

    package func nextRunDue(after time: Timestamp) async throws -> Timestamp? {
        try await due(NextDue.runs, after: time)
    }

    package func nextOutputDue(after time: Timestamp) async throws -> Timestamp? {
        try await due(NextDue.outputs, after: time)
    }

    private func due(_ query: String, after time: Timestamp) async throws -> Timestamp? {
        let due = try await read { try $0.statement(query).add(time).first { $0.optionalTimestamp() } ?? nil }
        return due == .never ? nil : due
    }
}
