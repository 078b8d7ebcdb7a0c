package import GrapnelCore

extension SQLiteQueue {
    package func searchEvents(_ query: EventQuery) async throws -> SearchPage<StoredEvent, Event> {
        var window = ScanWindow<Event>(rows: query.scan, key: "number")
        window.require(condition: "number < (SELECT number FROM event WHERE id = ?)", query.before)
        window.require(since: query.since, until: query.until)
        var lane = ListClause()
        if query.onlyConflicts {
            lane.require("conflict_of IS NOT NULL")
            window.addLane("event INDEXED BY event_in_conflict", lane)
        } else if let cause = query.cause {
            lane.require("cause = ?", cause)
            window.addLane("event INDEXED BY event_of_cause", lane)
        } else if let source = query.event.source {
            lane.require("source = ?", source)
            window.addLane("event INDEXED BY event_of_source", lane)
        } else {
            window.addLane("event")
        }
        var clause = ListClause()
        clause.require(query.event, event: "e", request: "r")
        if let since = query.since { clause.require("e.received_at >= ?", since) }
        if let until = query.until { clause.require("e.received_at < ?", until) }
        return try await read { [window, clause] snapshot in
            let sql = "\(SQLiteQueue.storedEvent) WHERE e.id = ?\(clause.conjunction)"
            return try window.page(snapshot, limit: query.limit) { id in
                let statement = try snapshot.statement(sql).add(id)
                clause.bind(statement)
                guard let found = try statement.first(SQLiteQueue.storedEvent) else { return nil }
                return query.event.matches.map { $0(found.event) } ?? true ? found : nil
            }
        }
    }

    package func searchRuns(_ query: RunQuery) async throws -> SearchPage<Run, Run> {
        var window = ScanWindow<Run>(order: query.order, rows: query.scan)
        window.require(before: query.before, after: query.after)
        window.require(since: query.since, until: [query.until, query.asOf].compactMap { $0 }.min())
        if !query.states.isEmpty, query.states.allSatisfy({ $0.code >= WorkState.dead.code }) {
            for state in query.states.sorted(by: { $0.code < $1.code }) {
                var lane = ListClause()
                // The second condition is the index's own, word by word: only then is it used.
                lane.require("state = \(state.code) AND state >= \(WorkState.dead.code)")
                window.addLane("run INDEXED BY run_stopped", lane)
            }
        } else if let recipe = query.recipe {
            var lane = ListClause()
            lane.require("recipe = ?", recipe)
            window.addLane("run INDEXED BY run_of_recipe", lane)
        } else {
            window.addLane("run")
        }
        var clause = ListClause()
        if let recipe = query.recipe { clause.require("u.recipe = ?", recipe) }
        clause.require("u.state", anyOf: query.states)
        clause.require(dead: query.deadReasons, parked: query.parkReasons, of: "u")
        if let error = query.error { clause.require("u.error", saying: error) }
        if let since = query.since { clause.require("u.created_at >= ?", since) }
        if let until = query.until { clause.require("u.created_at < ?", until) }
        if let asOf = query.asOf { clause.require("coalesce(u.finished_at, u.created_at) <= ?", asOf) }
        if query.isWithoutReplay {
            clause.require("NOT EXISTS (SELECT 1 FROM run v WHERE v.event = u.event AND v.replay_of = u.id)")
        }
        clause.require(query.event, event: "e", request: "r")
        let tables = query.event.isEmpty ? "run u" : "run u JOIN (\(EventTable.tables)) ON e.id = u.event"
        return try await read { [window, clause] snapshot in
            let sql = "SELECT \(RunTable.columns) FROM \(tables) WHERE u.id = ?\(clause.conjunction)"
            return try window.page(snapshot, limit: query.limit) { id in
                let statement = try snapshot.statement(sql).add(id)
                clause.bind(statement)
                guard let run = try statement.first(RunTable.decode) else { return nil }
                return try snapshot.event(run.event, satisfies: query.event.matches) ? run : nil
            }
        }
    }

    package func searchEffects(_ query: EffectQuery) async throws -> SearchPage<EffectDetail, Effect> {
        var clause = ListClause()
        if let connection = query.connection { clause.require("e.connection = ?", connection) }
        if let operation = query.operation { clause.require("e.operation = ?", operation) }
        if let recipe = query.recipe { clause.require("e.recipe = ?", recipe) }
        clause.require("o.state", anyOf: query.states)
        clause.require("o.delivery", anyOf: query.deliveryStates)
        if query.awaitsDecision {
            clause.require(
                "(o.delivery = \(WorkState.parked.code) OR o.delivery IS NULL AND o.state = \(EffectState.unknown.code) "
                    + "AND EXISTS (SELECT 1 FROM run w WHERE w.id = e.run AND w.state = \(WorkState.parked.code)))")
        }
        clause.require(dead: query.deadReasons, parked: query.parkReasons, of: "o")
        if let error = query.error { clause.require("json_extract(o.failure, '$.message')", saying: error) }
        if let since = query.since { clause.require("e.created_at >= ?", since) }
        if let until = query.until { clause.require("e.created_at < ?", until) }
        if let asOf = query.asOf {
            clause.require("coalesce(o.settled_at, o.sent_at, e.created_at) <= ?", asOf)
        }
        clause.require(query.event, event: "v", request: "r")
        let tables =
            query.event.isEmpty
            ? EffectTable.tables
            : "\(EffectTable.tables) JOIN event v ON v.id = e.event JOIN request r ON r.number = v.request"
        let (window, column) = SQLiteQueue.window(of: query)
        return try await read { [clause] snapshot in
            let sql = "SELECT \(EffectTable.columns) FROM \(tables) WHERE e.id = ?\(clause.conjunction)"
            return try window.page(snapshot, column: column, limit: query.limit) { id in
                let statement = try snapshot.statement(sql).add(id)
                clause.bind(statement)
                guard let row = try statement.first(EffectTable.decode),
                    try snapshot.event(row.event, satisfies: query.event.matches)
                else { return nil }
                return try snapshot.detail(row)
            }
        }
    }

    /// Where to look for effects: in the partial indexes of what has stopped or is unsettled where those hold all that
    /// can fit. The column is the one of the identity.
    private static func window(of query: EffectQuery) -> (ScanWindow<Effect>, column: String) {
        let until = [query.until, query.asOf].compactMap { $0 }.min()
        let stopped = query.deliveryStates.map(\.code).sorted()
        let unsettled = query.states.map(\.code).sorted()
        let lanes: [(index: String, condition: String)]
        if query.awaitsDecision {
            lanes = [lane(stopped: WorkState.parked.code), lane(unsettled: EffectState.unknown.code)]
        } else if let least = stopped.first, least >= WorkState.dead.code {
            lanes = stopped.map { lane(stopped: $0) }
        } else if let least = unsettled.first, least >= EffectState.failed.code {
            lanes = unsettled.map { lane(unsettled: $0) }
        } else {
            lanes = []
        }
        guard !lanes.isEmpty else {
            var window = ScanWindow<Effect>(order: query.order, rows: query.scan, key: "number")
            window.require(condition: "number < (SELECT number FROM effect WHERE id = ?)", query.before)
            window.require(condition: "number > (SELECT number FROM effect WHERE id = ?)", query.after)
            window.require(since: query.since, until: until)
            var lane = ListClause()
            if let connection = query.connection { lane.require("connection = ?", connection) }
            let index = query.connection == nil ? "" : " INDEXED BY effect_of_connection"
            window.addLane("effect\(index)", lane)
            return (window, "id")
        }
        var window = ScanWindow<Effect>(order: query.order, rows: query.scan, key: "effect")
        window.require(before: query.before, after: query.after, as: "effect")
        window.require(since: query.since, until: until, as: "effect")
        for lane in lanes {
            var clause = ListClause()
            clause.require(lane.condition)
            window.addLane("outcome INDEXED BY \(lane.index)", clause)
        }
        return (window, "effect")
    }

    // The second condition of each is the index's own, word by word: only then is it used.

    private static func lane(stopped code: Int64) -> (index: String, condition: String) {
        ("outcome_stopped", "delivery = \(code) AND delivery >= \(WorkState.dead.code)")
    }

    private static func lane(unsettled code: Int64) -> (index: String, condition: String) {
        ("outcome_unsettled", "state = \(code) AND state >= \(EffectState.failed.code)")
    }

    package func effectTallies(of origins: [Identifier<Run>]) async throws -> [EffectTally] {
        try await read { snapshot in
            var tallies: [EffectTally] = []
            var places: [EffectTally: Int] = [:]
            for origin in Set(origins).sorted() {
                try snapshot.statement(
                    """
                    SELECT e.connection, e.operation, o.class, o.state FROM \(EffectTable.tables)
                    WHERE e.origin = ? ORDER BY e.number
                    """
                ).add(origin).forEach { row in
                    let tally = EffectTally(
                        connection: row.text(), operation: row.text(), effectClass: try row.code(),
                        state: try row.code(), count: 0)
                    let place = places[tally] ?? tallies.count
                    if place == tallies.count {
                        places[tally] = place
                        tallies.append(tally)
                    }
                    tallies[place].count += 1
                    return true
                }
            }
            return tallies
        }
    }
}

extension Snapshot {
    /// Whether an event is what a search asks for.
    fileprivate func event(
        _ id: Identifier<Event>, satisfies matches: (@Sendable (Event) -> Bool)?
    ) throws -> Bool {
        guard let matches else { return true }
        return try event(id).map(matches) ?? false
    }
}
