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
        return EffectDetail(effect: row.effect, delivery: row.delivery(attempts: attempts))
    }
}
