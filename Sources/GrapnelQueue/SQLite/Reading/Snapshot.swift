import GRDB
import GrapnelCore

/// One state of the database, as a reader sees it for as long as it reads.
struct Snapshot {
    private let database: Database

    init(_ database: Database) {
        self.database = database
    }

    /// A statement that GRDB keeps for the next time.
    func statement(_ sql: String) throws -> Statement {
        Statement(borrowing: try database.cachedStatement(sql: sql).sqliteStatement)
    }

    func event(_ id: Identifier<Event>) throws -> Event? {
        try statement("SELECT \(EventTable.columns) FROM \(EventTable.tables) WHERE e.id = ?")
            .add(id).first(EventTable.decode)
    }

    /// The events of a batch, in the order of their acceptance.
    func events(ofBatch batch: Identifier<Run>) throws -> [Event] {
        try statement(
            """
            SELECT \(EventTable.columns) FROM member m JOIN event e ON e.id = m.event
                JOIN request r ON r.number = e.request
            WHERE m.batch = ? ORDER BY m.ordinal
            """
        ).add(batch).all(EventTable.decode)
    }

    /// The identities of the events of a batch, in the order of their acceptance.
    func members(ofBatch batch: Identifier<Run>) throws -> [Identifier<Event>] {
        try statement("SELECT event FROM member WHERE batch = ? ORDER BY ordinal").add(batch).all {
            try $0.identifier()
        }
    }

    /// The run for which a held one of an ordered line waits.
    func holder(of run: Run) throws -> Identifier<Run>? {
        guard run.dueAt == .never, let line = LaneTable.Line(run), run.lane?.limit == nil else { return nil }
        return try statement(LaneTable.first).add(line.tenant).add(line.recipe).add(line.key).first {
            try $0.identifier()
        }
    }

    /// The output for which a held one of a line waits.
    func holder(of outcome: Outcome) throws -> Identifier<Effect>? {
        guard outcome.dueAt == .never, let line = OutputLineTable.Line(outcome) else { return nil }
        return try statement(OutputLineTable.first).add(line.connection).add(line.key).first { try $0.identifier() }
    }

    func effect(_ id: Identifier<Effect>) throws -> EffectRow? {
        try statement("SELECT \(EffectTable.columns) FROM \(EffectTable.tables) WHERE e.id = ?")
            .add(id).first(EffectTable.decode)
    }

    func attempts<Subject>(of subject: Identifier<Subject>) throws -> [Attempt] {
        try statement(
            "SELECT \(AttemptTable.columns) FROM attempt a WHERE a.subject = ? ORDER BY a.started_at, a.ordinal"
        ).add(subject).all(AttemptTable.decode)
    }

    /// An effect with the state and, unless it is a call, the attempts of its delivery.
    func detail(_ row: EffectRow) throws -> EffectDetail {
        let attempts = row.outcome.delivery == nil ? [] : try attempts(of: row.effect.id)
        var delivery = row.delivery(attempts: attempts)
        delivery?.heldBy = try holder(of: row.outcome)
        return EffectDetail(effect: row.effect, delivery: delivery)
    }
}
