import GrapnelCore

/// Runs that wait for more events of their key, and the events that run together.
struct GatheringTable {
    /// What waits for a key.
    struct Open {
        var run: Identifier<Run>
        /// When its first event came.
        var since: Timestamp
        var closesAt: Timestamp
        var events: Int
        /// What its events take up.
        var bytes: Int
    }

    /// The runs of a batch that an event is in.
    static let batchesOfEvent = "SELECT batch FROM member WHERE event = ?"

    private let connection: OpaquePointer
    private let selection: Statement
    private let replacement: Statement
    private let deletion: Statement
    private let expiry: Statement
    private let joining: Statement
    private let leaving: Statement
    private let dissolving: Statement
    private let size: Statement

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        // One that was leased, or whose time has come, gathers no more; one that waits for its source to go on does.
        selection = try Statement(
            """
            SELECT g.run, g.since, g.closes_at, g.events, g.bytes FROM gathering g JOIN run u ON u.id = g.run
            WHERE g.tenant = ? AND g.recipe = ? AND g.key = ? AND g.closes_at > ? AND u.state IN (0, 1, 5) AND u.fence = 0
            """, on: connection)
        replacement = try Statement(
            """
            INSERT OR REPLACE INTO gathering (tenant, recipe, key, run, since, closes_at, events, bytes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, on: connection)
        deletion = try Statement(
            "DELETE FROM gathering WHERE tenant = ? AND recipe = ? AND key = ?", on: connection)
        expiry = try Statement(
            """
            DELETE FROM gathering WHERE (tenant, recipe, key) IN (
                SELECT tenant, recipe, key FROM gathering WHERE closes_at <= ? ORDER BY closes_at LIMIT ?)
            """, on: connection)
        joining = try Statement("INSERT INTO member (batch, ordinal, event) VALUES (?, ?, ?)", on: connection)
        leaving = try Statement("DELETE FROM member WHERE event = ?", on: connection)
        dissolving = try Statement("DELETE FROM member WHERE batch = ?", on: connection)
        size = try Statement(
            """
            SELECT length(r.body) + coalesce(length(e.value), 0) FROM event e JOIN request r ON r.number = e.request
            WHERE e.id = ?
            """, on: connection)
    }

    /// What waits for this key and takes more.
    func open(_ key: String, of run: Run, now: Timestamp) throws -> Open? {
        try selection.add(run.tenant).add(run.recipe).add(key).add(now).first { row in
            Open(
                run: try row.identifier(), since: row.timestamp(), closesAt: row.timestamp(), events: row.count(),
                bytes: row.count())
        }
    }

    func set(_ open: Open, _ key: String, of run: Run) throws {
        try replacement.add(run.tenant).add(run.recipe).add(key).add(open.run).add(open.since).add(open.closesAt)
            .add(open.events).add(open.bytes).run()
    }

    /// Lets nothing more gather for this key in the run that waits now.
    func close(_ key: String, of run: Run) throws { try deletion.add(run.tenant).add(run.recipe).add(key).run() }

    /// Adds an event to a batch.
    func join(_ event: Identifier<Event>, batch: Identifier<Run>, ordinal: Int) throws {
        try joining.add(batch).add(ordinal).add(event).run()
    }

    /// Takes an event that is deleted out of its batches.
    func remove(_ event: Identifier<Event>) throws { try leaving.add(event).run() }

    /// Forgets the events of a batch whose runs are deleted.
    func dissolve(_ batch: Identifier<Run>) throws { try dissolving.add(batch).run() }

    /// What the bodies of a stored event take up.
    func size(of event: Identifier<Event>) throws -> Int { try size.add(event).first { $0.count() } ?? 0 }

    /// Forgets a bounded number of runs that wait no more; returns how many.
    func expire(now: Timestamp, limit: Int) throws -> Int {
        try expiry.add(now).add(limit).run()
        return Connection.changes(connection)
    }
}
