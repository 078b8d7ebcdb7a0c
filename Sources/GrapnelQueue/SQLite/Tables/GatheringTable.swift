import GrapnelCore

/// Runs that wait for more events of their key, and the events that run together.
struct GatheringTable {
    /// Where events gather.
    struct Place {
        var tenant: TenantID
        var recipe: String
        /// The paused source whose events gather here; empty for those of all that are not paused.
        var source: String
        var key: String

        init(_ key: String, of run: Run, heldBy source: String?) {
            (tenant, recipe, self.source, self.key) = (run.tenant, run.recipe, source ?? "", key)
        }
    }

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
        // One that was leased, or whose time has come, gathers no more. One that waits for its source to go on does, for
        // as long as it waits.
        selection = try Statement(
            """
            SELECT g.run, g.since, g.closes_at, g.events, g.bytes FROM gathering g JOIN run u ON u.id = g.run
            WHERE g.tenant = ? AND g.recipe = ? AND g.source = ? AND g.key = ? AND g.closes_at > ? AND u.fence = 0
                AND (u.state <= 1 AND g.source = '' OR u.state = 5 AND g.source <> '')
            """, on: connection)
        replacement = try Statement(
            """
            INSERT OR REPLACE INTO gathering (tenant, recipe, source, key, run, since, closes_at, events, bytes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, on: connection)
        deletion = try Statement(
            "DELETE FROM gathering WHERE tenant = ? AND recipe = ? AND source = ? AND key = ?", on: connection)
        expiry = try Statement(
            """
            DELETE FROM gathering WHERE (tenant, recipe, source, key) IN (
                SELECT tenant, recipe, source, key FROM gathering WHERE closes_at <= ? ORDER BY closes_at LIMIT ?)
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

    private func bind(_ place: Place, to statement: Statement) -> Statement {
        statement.add(place.tenant).add(place.recipe).add(place.source).add(place.key)
    }

    /// What waits there and takes more.
    func open(_ place: Place, now: Timestamp) throws -> Open? {
        try bind(place, to: selection).add(now).first { row in
            Open(
                run: try row.identifier(), since: row.timestamp(), closesAt: row.timestamp(), events: row.count(),
                bytes: row.count())
        }
    }

    func set(_ open: Open, _ place: Place) throws {
        try bind(place, to: replacement).add(open.run).add(open.since).add(open.closesAt).add(open.events)
            .add(open.bytes).run()
    }

    /// Lets nothing more gather in the run that waits there now.
    func close(_ place: Place) throws { try bind(place, to: deletion).run() }

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
