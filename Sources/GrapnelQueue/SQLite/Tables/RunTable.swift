import GrapnelCore

/// Runs: a narrow row that changes with every step.
struct RunTable {
    /// What `decode` takes, in its order.
    static let columns = """
        u.id, u.tenant, u.event, u.recipe, u.version, u.origin, u.replay_of, u.state, u.dead_reason, u.park_reason, \
        u.attempts, u.losses, u.deaths, u.due_at, u.created_at, u.finished_at, \
        (SELECT result FROM run_result WHERE run = u.id), u.error
        """

    /// A waiting run: its place in the order of claims.
    struct Candidate {
        var id: Identifier<Run>
        var dueAt: Int64
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
    private let parking: Statement
    private let parked: Statement

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        func prepare(_ sql: String) throws -> Statement { try Statement(sql, on: connection) }
        insertion = try prepare(
            """
            INSERT INTO run (id, tenant, event, recipe, generation, version, origin, replay_of, state, attempts,
                losses, deaths, due_at, fence, lease_until, lease_epoch, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?)
            """)
        selection = try prepare("SELECT \(RunTable.columns) FROM run u WHERE u.id = ?")
        fence = try prepare("SELECT fence FROM run WHERE id = ? AND state = 2")
        nextLane = try prepare(RunTable.nextLane)
        due = try prepare(RunTable.due)
        leasing = try prepare(
            """
            UPDATE run SET state = 2, fence = fence + 1, lease_until = ?, lease_epoch = ?, due_at = NULL
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
        ofEvent = try prepare("SELECT id, origin, state, recipe, finished_at FROM run WHERE event = ?")
        replays = try prepare("SELECT 1 FROM run WHERE event = ? AND replay_of = ? LIMIT 1")
        deletion = try prepare("DELETE FROM run WHERE id = ?")
        resultDeletion = try prepare("DELETE FROM run_result WHERE run = ?")
        parking = try prepare(
            """
            UPDATE run SET state = 5, park_reason = ?, waits_for = ?, due_at = NULL, lease_until = NULL,
                lease_epoch = NULL
            WHERE id = ?
            """)
        parked = try prepare(RunTable.parked)
    }

    /// The next recipe, by name, of which a run waits.
    static let nextLane = "SELECT recipe FROM run WHERE state <= 1 AND recipe > ? ORDER BY recipe LIMIT 1"

    /// The runs of one recipe that are due, oldest first.
    static let due = """
        SELECT id, due_at FROM run WHERE state <= 1 AND recipe = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?
        """

    /// The runs that are parked for one reason and wait for one thing, in the order of their making.
    static let parked = """
        SELECT id FROM run WHERE state = 5 AND park_reason = ? AND waits_for = ? ORDER BY id LIMIT ?
        """

    /// Stores a run that waits from `dueAt`, or that is leased until `lease` by boot `epoch`.
    func insert(
        _ run: Run, generation: Int64, lease: Timestamp?, epoch: Int64
    ) throws {
        insertion.add(run.id).add(run.tenant).add(run.event).add(run.recipe).add(generation).add(run.version)
            .add(run.origin).add(run.replayOf).add(run.state).add(run.dueAt).add(lease == nil ? Int64(0) : 1)
        if let lease { insertion.add(lease).add(epoch) } else { insertion.addNull().addNull() }
        try insertion.add(run.createdAt).run()
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

    /// The runs that are due, oldest first, of all recipes but these.
    func due(before now: Timestamp, excluding: Set<String>, limit: Int) throws -> [Candidate] {
        var candidates: [Candidate] = []
        var lane = ""
        var lanes = 0
        while let recipe = try nextLane.add(lane).first({ $0.text() }) {
            lane = recipe
            if excluding.contains(recipe) { continue }
            lanes += 1
            try due.add(recipe).add(now).add(limit).forEach { row in
                candidates.append(Candidate(id: try row.identifier(), dueAt: row.integer()))
                return true
            }
        }
        if lanes > 1 { candidates.sort { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) } }
        return Array(candidates.prefix(limit))
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

    /// The runs that wait for one thing, the oldest first.
    func parked(_ reason: ParkReason, waitingFor name: String, limit: Int) throws -> [Identifier<Run>] {
        try parked.add(reason).add(name).add(limit).all { try $0.identifier() }
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

    /// Identity, origin, state and recipe of the runs of an event, and when each ended.
    func runs(
        of event: Identifier<Event>
    ) throws -> [(
        id: Identifier<Run>, origin: Identifier<Run>, state: WorkState, recipe: String, finishedAt: Timestamp?
    )] {
        try ofEvent.add(event).all {
            (try $0.identifier(), try $0.identifier(), try $0.code(), $0.text(), $0.optionalTimestamp())
        }
    }

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
            dueAt: row.optionalTimestamp(), createdAt: row.timestamp(), finishedAt: row.optionalTimestamp(),
            result: row.optionalBytes(), error: row.optionalText())
    }
}
