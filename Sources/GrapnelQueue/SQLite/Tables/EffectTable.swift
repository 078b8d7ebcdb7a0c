import GrapnelCore

/// Effects: what was asked for, and the recorded answer; one row for each (origin, step).
struct EffectTable {
    /// What `decode` takes, in its order.
    static let columns = """
        e.id, e.tenant, e.origin, e.run, e.recipe, e.step, e.kind, e.connection, e.operation, e.fingerprint, \
        e.idempotency_key, e.input, e.output, e.created_at, e.event, \(OutcomeTable.columns)
        """

    /// The tables that `columns` are of.
    static let tables = "effect e JOIN outcome o ON o.effect = e.id"

    private let insertion: Statement
    private let selection: Statement
    private let ofStep: Statement
    private let hasAny: Statement
    private let callsInFlight: Statement
    private let stranded: Statement
    private let answer: Statement
    private let adoption: Statement
    private let ofOrigin: Statement
    private let unfinished: Statement
    private let deletion: Statement

    init(_ connection: OpaquePointer) throws {
        func prepare(_ sql: String) throws -> Statement { try Statement(sql, on: connection) }
        insertion = try prepare(
            """
            INSERT INTO effect (id, tenant, origin, step, run, event, recipe, kind, connection, operation,
                fingerprint, idempotency_key, created_at, input)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        selection = try prepare("SELECT \(EffectTable.columns) FROM \(EffectTable.tables) WHERE e.id = ?")
        ofStep = try prepare(
            "SELECT \(EffectTable.columns) FROM \(EffectTable.tables) WHERE e.origin = ? AND e.step = ?")
        hasAny = try prepare("SELECT 1 FROM effect WHERE origin = ? LIMIT 1")
        callsInFlight = try prepare(
            """
            SELECT \(OutcomeTable.columns) FROM \(EffectTable.tables)
            WHERE e.origin = ? AND e.run = ? AND e.kind = 0 AND o.state = 1
            """)
        stranded = try prepare(
            """
            SELECT \(OutcomeTable.columns) FROM outcome o INDEXED BY outcome_in_flight
            JOIN effect e ON e.id = o.effect JOIN run u ON u.id = e.run
            WHERE o.state = 1 AND o.delivery IS NULL AND u.state <> 2
            """)
        answer = try prepare("UPDATE effect SET output = ? WHERE id = ?")
        adoption = try prepare("UPDATE effect SET run = ? WHERE id = ?")
        ofOrigin = try prepare(
            "SELECT e.id, e.kind, \(OutcomeTable.columns) FROM \(EffectTable.tables) WHERE e.origin = ?")
        unfinished = try prepare(
            """
            SELECT \(OutcomeTable.columns) FROM \(EffectTable.tables)
            WHERE e.origin = ? AND e.run = ? AND o.delivery IN (0, 1, 2, 5)
            """)
        deletion = try prepare("DELETE FROM effect WHERE id = ?")
    }

    func insert(_ effect: Effect, event: Identifier<Event>) throws {
        insertion.add(effect.id).add(effect.tenant).add(effect.origin).add(effect.step).add(effect.run).add(event)
            .add(effect.recipe).add(effect.kind).add(effect.connection).add(effect.operation)
            .add(effect.fingerprint).add(effect.idempotencyKey).add(effect.createdAt)
        try insertion.run(adding: effect.input)
    }

    func find(_ id: Identifier<Effect>) throws -> EffectRow? { try selection.add(id).first(EffectTable.decode) }

    func find(origin: Identifier<Run>, step: String) throws -> EffectRow? {
        try ofStep.add(origin).add(step).first(EffectTable.decode)
    }

    /// Whether the ledger holds anything of this origin.
    func hasAny(of origin: Identifier<Run>) throws -> Bool { try hasAny.add(origin).first { _ in true } ?? false }

    /// The calls of a run that are being sent.
    func callsInFlight(origin: Identifier<Run>, run: Identifier<Run>) throws -> [Outcome] {
        try callsInFlight.add(origin).add(run).all(OutcomeTable.decode)
    }

    /// The calls that are being sent for runs that are not leased.
    func strandedCalls() throws -> [Outcome] { try stranded.all(OutcomeTable.decode) }

    /// Records the answer of an effect.
    func setOutput(_ output: [UInt8]?, of id: Identifier<Effect>) throws { try answer.add(output).add(id).run() }

    /// Makes `run` the run that wanted the effect last.
    func adopt(_ id: Identifier<Effect>, by run: Identifier<Run>) throws { try adoption.add(run).add(id).run() }

    /// Every effect of a line of replays, with how it stands.
    func outcomes(of origin: Identifier<Run>) throws -> [Outcome] {
        try ofOrigin.add(origin).all { row in
            row.skip(2)
            return try OutcomeTable.decode(row)
        }
    }

    /// The outputs of a run that are not over.
    func unfinished(origin: Identifier<Run>, run: Identifier<Run>) throws -> [Outcome] {
        try unfinished.add(origin).add(run).all(OutcomeTable.decode)
    }

    func delete(_ id: Identifier<Effect>) throws { try deletion.add(id).run() }

    /// The effect in `columns`.
    static func decode(_ row: Statement) throws -> EffectRow {
        var effect = Effect(
            id: try row.identifier(), tenant: row.tenant(), origin: try row.identifier(), run: try row.identifier(),
            recipe: row.text(), step: row.text(), kind: try row.code(), connection: row.text(),
            operation: row.text(), effectClass: .safe, state: .intended, fingerprint: row.bytes(),
            idempotencyKey: row.text(), input: row.bytes(), output: row.optionalBytes(), createdAt: row.timestamp())
        let event = try row.identifier(Event.self)
        let outcome = try OutcomeTable.decode(row)
        outcome.apply(to: &effect)
        return EffectRow(effect: effect, event: event, outcome: outcome)
    }
}
