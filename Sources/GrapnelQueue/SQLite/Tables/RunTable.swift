import GrapnelCore

/// Runs: a narrow row that changes with every step.
struct RunTable {
    /// What `decode` takes, in its order.
    static let columns = """
        u.id, u.tenant, u.event, u.recipe, u.version, u.origin, u.replay_of, u.state, u.dead_reason, u.park_reason, \
        u.attempts, u.losses, u.deaths, u.due_at, u.created_at, u.planned_for, u.finished_at, \
        (SELECT result FROM run_result WHERE run = u.id), u.error, u.lane, u.lane_limit, u.batch
        """

    /// A waiting run: its place in the order of claims.
    struct Candidate {
        var id: Identifier<Run>
        var dueAt: Int64
    }

    /// Where a new run stands among the others of its recipe.
    struct Standing {
        /// Its place in an ordered line.
        var ticket: Int64?
        /// The earliest moment at which it may start, whatever else it waits for; `nil`: at once.
        var notBefore: Timestamp?
        var rate: RunFlow.Rate?
    }

    private let connection: OpaquePointer
    private let insertion: Statement
    private let selection: Statement
    private let fence: Statement
    private let nextLane: Statement
    private let due: Statement
    private let leasing: Statement
    private let extending: Statement
    private let placing: Statement
    private let pinning: Statement
    private let result: Statement
    private let lost: Statement
    private let lastGeneration: Statement
    private let ofEvent: Statement
    private let replays: Statement
    private let deletion: Statement
    private let resultDeletion: Statement
    private let standing: Statement
    private let notBefore: Statement
    private let letting: Statement
    private let parking: Statement

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        func prepare(_ sql: String) throws -> Statement { try Statement(sql, on: connection) }
        insertion = try prepare(
            """
            INSERT INTO run (id, tenant, event, recipe, generation, version, origin, replay_of, state, attempts,
                losses, deaths, due_at, fence, lease_until, lease_epoch, created_at, lane, lane_limit, ticket,
                not_before, rate, batch, planned_for)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        selection = try prepare("SELECT \(RunTable.columns) FROM run u WHERE u.id = ?")
        fence = try prepare("SELECT fence FROM run WHERE id = ? AND state = 2")
        nextLane = try prepare(RunTable.nextLane)
        due = try prepare(RunTable.due)
        // An index lets one run of an ordered line be leased: should another be due all the same, it stays.
        leasing = try prepare(
            """
            UPDATE OR IGNORE run SET state = 2, fence = fence + 1, lease_until = ?, lease_epoch = ?, due_at = NULL
            WHERE id = ? AND state <= 1 RETURNING fence
            """)
        extending = try prepare(
            "UPDATE run SET lease_until = ?, lease_epoch = ? WHERE id = ? AND fence = ? AND state = 2")
        placing = try prepare(
            """
            UPDATE run SET state = ?, dead_reason = ?, park_reason = ?, due_at = ?, finished_at = ?, attempts = ?,
                losses = ?, deaths = ?, version = ?, error = ?, lease_until = NULL, lease_epoch = NULL
            WHERE id = ?
            """)
        pinning = try prepare("UPDATE run SET version = ?1 WHERE id = ?2 AND version <> ?1")
        result = try prepare("INSERT OR REPLACE INTO run_result (run, result) VALUES (?, ?)")
        lost = try prepare(
            """
            SELECT id FROM run WHERE state = 2 AND (lease_until <= ? OR lease_epoch <> ?)
            ORDER BY lease_until LIMIT ?
            """)
        lastGeneration = try prepare("SELECT MAX(generation) FROM run WHERE event = ? AND recipe = ?")
        ofEvent = try prepare(
            """
            SELECT id, origin, state, recipe, finished_at, 1 FROM run WHERE event = ?1
            UNION ALL
            SELECT u.id, u.origin, u.state, u.recipe, u.finished_at, 0 FROM member m JOIN run u ON u.batch = m.batch
            WHERE m.event = ?1 AND u.event <> ?1
            """)
        replays = try prepare("SELECT 1 FROM run WHERE event = ? AND replay_of = ? LIMIT 1")
        deletion = try prepare("DELETE FROM run WHERE id = ?")
        resultDeletion = try prepare("DELETE FROM run_result WHERE run = ?")
        standing = try prepare("SELECT ticket, not_before, rate FROM run WHERE id = ?")
        notBefore = try prepare("UPDATE run SET not_before = ? WHERE id = ?")
        letting = try prepare("UPDATE run SET not_before = NULL, planned_for = MIN(planned_for, ?) WHERE id = ?")
        parking = try prepare(
            """
            UPDATE run SET state = 5, park_reason = ?, waits_for = ?, due_at = NULL, lease_until = NULL,
                lease_epoch = NULL
            WHERE id = ?
            """)
    }

    /// The next recipe, by name, of which a run waits.
    static let nextLane = "SELECT recipe FROM run WHERE state <= 1 AND recipe > ? ORDER BY recipe LIMIT 1"

    /// The runs of one recipe that are due, oldest first.
    static let due = """
        SELECT id, due_at FROM run WHERE state <= 1 AND recipe = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?
        """

    /// Stores a run that waits from `dueAt`, or that is leased until `lease` by boot `epoch`.
    func insert(
        _ run: Run, generation: Int64, standing: Standing, lease: Timestamp?, epoch: Int64
    ) throws {
        insertion.add(run.id).add(run.tenant).add(run.event).add(run.recipe).add(generation).add(run.version)
            .add(run.origin).add(run.replayOf).add(run.state).add(run.dueAt).add(lease == nil ? Int64(0) : 1)
        if let lease { insertion.add(lease).add(epoch) } else { insertion.addNull().addNull() }
        try insertion.add(run.createdAt).add(run.lane?.key).add(run.lane?.limit).add(standing.ticket.map { Int($0) })
            .add(standing.notBefore).add(standing.rate.map(RateText.encode)).add(run.batch)
            .add(run.plannedFor).run()
    }

    func find(_ id: Identifier<Run>) throws -> Run? { try selection.add(id).first(RunTable.decode) }

    /// The run, if it is leased under this fence.
    func leased(_ id: Identifier<Run>, fence: Int64) throws -> Run? {
        guard try isLeased(id, fence: fence) else { return nil }
        return try find(id)
    }

    /// Whether the run is leased under this fence.
    func isLeased(_ id: Identifier<Run>, fence: Int64) throws -> Bool {
        try self.fence.add(id).first { $0.integer() } == fence
    }

    /// The runs that are due and have their turn, by priority, then oldest first.
    ///
    /// - Parameters:
    ///   - claim: How many are wanted, and of which recipes.
    ///   - now: Until when a run is due.
    ///   - places: Which recipe had the last turn, by priority; the turns go on behind it.
    func due(_ claim: RunClaim, before now: Timestamp, places: inout [Int: String]) throws -> [Candidate] {
        var found: [Candidate] = []
        let named = Dictionary(grouping: claim.priorities.keys) { claim.priorities[$0] ?? 0 }
        for priority in Set(named.keys).union([0]).sorted(by: >) {
            let wanted = max(claim.limit, 1) - found.count
            if wanted <= 0 { break }
            let place = places[priority] ?? ""
            // Who is one of many gives few: it need not be asked for all it has.
            let glance = max(1, wanted / RunTable.manyLines)
            var lines: [ClaimTurns.Line] = []
            func look(_ recipe: String) throws {
                guard !claim.excludedRecipes.contains(recipe) else { return }
                let line = try self.line(recipe, claim, before: now, most: glance)
                if !line.candidates.isEmpty { lines.append(line) }
            }
            if priority == 0 {
                try forEachRecipe(after: place) { recipe in
                    if claim.priorities[recipe] ?? 0 == 0 { try look(recipe) }
                    return lines.count < wanted
                }
            } else {
                for recipe in ClaimTurns.order(named[priority] ?? [], after: place) where lines.count < wanted {
                    try look(recipe)
                }
            }
            if lines.reduce(0, { $0 + $1.candidates.count }) < wanted {
                for index in lines.indices where lines[index].candidates.count == glance {
                    lines[index] = try line(lines[index].recipe, claim, before: now, most: wanted)
                }
            }
            let deal = ClaimTurns.deal(lines, limit: wanted)
            places[priority] = deal.lastRecipe ?? place
            found += deal.candidates
        }
        return found
    }

    /// So many recipes with due runs are many, and each is asked for its part of a claim at first. 8.
    private static let manyLines = 8

    /// The oldest due runs of a recipe.
    private func line(
        _ recipe: String, _ claim: RunClaim, before now: Timestamp, most: Int
    ) throws -> ClaimTurns.Line {
        let most = min(most, max(claim.rooms[recipe] ?? most, 0))
        guard most > 0 else { return ClaimTurns.Line(recipe: recipe, candidates: []) }
        let candidates = try due.add(recipe).add(now).add(most).all { row in
            Candidate(id: try row.identifier(), dueAt: row.integer())
        }
        return ClaimTurns.Line(recipe: recipe, candidates: candidates)
    }

    /// Goes once around the recipes of which a run waits, beginning behind `place`, for as long as `body` says.
    private func forEachRecipe(after place: String, _ body: (String) throws -> Bool) throws {
        var last = place
        var isPast = false
        while true {
            guard let recipe = try nextLane.add(last).first({ $0.text() }), !isPast || recipe <= place else {
                if isPast { return }
                isPast = true
                last = ""
                continue
            }
            guard try body(recipe) else { return }
            last = recipe
        }
    }

    /// Leases a waiting run; returns its new fence.
    func lease(_ id: Identifier<Run>, until: Timestamp, epoch: Int64) throws -> Int64? {
        try leasing.add(until).add(epoch).add(id).first { $0.integer() }
    }

    /// Prolongs a lease; `false` when it is lost.
    func extend(_ id: Identifier<Run>, fence: Int64, until: Timestamp, epoch: Int64) throws -> Bool {
        try extending.add(until).add(epoch).add(id).add(fence).run()
        return Connection.changes(connection) == 1
    }

    /// Moves a run to where a decision puts it. `run` carries its counters, version and error.
    func place(_ run: Run, _ placement: WorkPlacement) throws {
        try placing.add(placement.state).add(placement.deadReason).add(placement.parkReason).add(placement.dueAt)
            .add(placement.finishedAt).add(run.counters.attempts).add(run.counters.losses).add(run.counters.deaths)
            .add(run.version).add(run.error).add(run.id).run()
    }

    /// Parks a run until what it waits for has come.
    func park(_ id: Identifier<Run>, _ reason: ParkReason, waitingFor name: String) throws {
        try parking.add(reason).add(name).add(id).run()
    }

    /// Keeps the version that recorded an effect.
    func pin(_ id: Identifier<Run>, version: RecipeVersion) throws {
        try pinning.add(version).add(id).run()
    }

    func setResult(_ bytes: [UInt8], of id: Identifier<Run>) throws { try result.add(id).run(adding: bytes) }

    /// Leased runs whose lease has run out or is of another boot.
    func lost(now: Timestamp, epoch: Int64, limit: Int) throws -> [Identifier<Run>] {
        try lost.add(now).add(epoch).add(limit).all { try $0.identifier() }
    }

    /// The generation for another run of this event and recipe.
    func nextGeneration(event: Identifier<Event>, recipe: String) throws -> Int64 {
        (try lastGeneration.add(event).add(recipe).first { $0.optionalInteger() } ?? nil).map { $0 + 1 } ?? 0
    }

    /// Identity, origin, state and recipe of the runs of an event, and when each ended; those of a batch that began with
    /// another are not its own.
    func runs(
        of event: Identifier<Event>
    ) throws -> [(
        id: Identifier<Run>, origin: Identifier<Run>, state: WorkState, recipe: String, finishedAt: Timestamp?,
        isOwn: Bool
    )] {
        try ofEvent.add(event).all {
            (
                try $0.identifier(), try $0.identifier(), try $0.code(), $0.text(), $0.optionalTimestamp(), $0.flag()
            )
        }
    }

    /// Where a stored run stands.
    func standing(of id: Identifier<Run>) throws -> Standing {
        try standing.add(id).first { row in
            Standing(
                ticket: row.optionalInteger(), notBefore: row.optionalTimestamp(),
                rate: row.optionalText().flatMap(RateText.decode))
        } ?? Standing()
    }

    /// Says from when on a run may start.
    func setNotBefore(_ id: Identifier<Run>, _ moment: Timestamp?) throws { try notBefore.add(moment).add(id).run() }

    /// Lets a run start, whatever it was planned for.
    func letStart(_ id: Identifier<Run>, at now: Timestamp) throws { try letting.add(now).add(id).run() }

    /// Whether a run was replayed.
    func hasReplay(_ run: Run) throws -> Bool { try replays.add(run.event).add(run.id).first { _ in true } ?? false }

    func delete(_ id: Identifier<Run>) throws {
        try deletion.add(id).run()
        try resultDeletion.add(id).run()
    }

    /// The run in `columns`.
    static func decode(_ row: Statement) throws -> Run {
        Run(
            id: try row.identifier(), tenant: row.tenant(), event: try row.identifier(), recipe: row.text(),
            version: row.version(), origin: try row.identifier(), replayOf: try row.optionalIdentifier(),
            state: try row.code(), deadReason: try row.optionalCode(), parkReason: try row.optionalCode(),
            counters: WorkCounters(attempts: row.count(), losses: row.count(), deaths: row.count()),
            dueAt: row.optionalTimestamp(), createdAt: row.timestamp(), plannedFor: row.optionalTimestamp(),
            finishedAt: row.optionalTimestamp(), result: row.optionalBytes(), error: row.optionalText(),
            lane: RunTable.lane(row), batch: try row.optionalIdentifier())
    }

    private static func lane(_ row: Statement) -> RunFlow.Lane? {
        let (key, limit) = (row.optionalText(), row.optionalCount())
        return key.map { RunFlow.Lane(key: $0, limit: limit) }
    }
}
