import GrapnelCore

/// How effects stand: the narrow rows that sending and delivery change.
struct OutcomeTable {
    /// What `decode` takes, in its order.
    static let columns = """
        o.effect, o.connection, o.class, o.state, o.sends, o.maybe_duplicate, o.human_said_resend, o.key_window, \
        o.key_valid_until, o.status, o.failure, o.sent_at, o.settled_at, o.delivery, o.dead_reason, o.park_reason, \
        o.attempts, o.losses, o.deaths, o.due_at, o.fence, o.lease_until, o.lease_epoch, o.lookups, o.lane, \
        o.ticket, o.not_before, o.planned_for
        """

    /// The next connection, by name, for which an output waits.
    static let nextLane = """
        SELECT connection FROM outcome WHERE delivery <= 1 AND connection > ? ORDER BY connection LIMIT 1
        """

    /// The outputs of one connection that are due, oldest first.
    static let due = """
        SELECT effect, due_at FROM outcome WHERE delivery <= 1 AND connection = ? AND due_at <= ?
        ORDER BY due_at, effect LIMIT ?
        """

    /// A waiting output: its place in the order of claims.
    struct Candidate {
        var id: Identifier<Effect>
        var dueAt: Int64
    }

    private let connection: OpaquePointer
    private let insertion: Statement
    private let selection: Statement
    private let update: Statement
    private let nextLane: Statement
    private let due: Statement
    private let extending: Statement
    private let lost: Statement
    private let deletion: Statement

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        func prepare(_ sql: String) throws -> Statement { try Statement(sql, on: connection) }
        insertion = try prepare(
            """
            INSERT INTO outcome (state, sends, maybe_duplicate, human_said_resend, key_valid_until, status, failure,
                sent_at, settled_at, delivery, dead_reason, park_reason, attempts, losses, deaths, due_at, fence,
                lease_until, lease_epoch, lookups, lane, ticket, not_before, planned_for, effect, connection, class,
                key_window)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        selection = try prepare("SELECT \(OutcomeTable.columns) FROM outcome o WHERE o.effect = ?")
        update = try prepare(
            """
            UPDATE outcome SET state = ?, sends = ?, maybe_duplicate = ?, human_said_resend = ?,
                key_valid_until = ?, status = ?, failure = ?, sent_at = ?, settled_at = ?, delivery = ?,
                dead_reason = ?, park_reason = ?, attempts = ?, losses = ?, deaths = ?, due_at = ?, fence = ?,
                lease_until = ?, lease_epoch = ?, lookups = ?, lane = ?, ticket = ?, not_before = ?, planned_for = ?
            WHERE effect = ?
            """)
        nextLane = try prepare(OutcomeTable.nextLane)
        due = try prepare(OutcomeTable.due)
        extending = try prepare(
            "UPDATE outcome SET lease_until = ?, lease_epoch = ? WHERE effect = ? AND fence = ? AND delivery = 2")
        lost = try prepare(
            """
            SELECT \(OutcomeTable.columns) FROM outcome o
            WHERE o.delivery = 2 AND (o.lease_until <= ? OR o.lease_epoch <> ?) ORDER BY o.lease_until LIMIT ?
            """)
        deletion = try prepare("DELETE FROM outcome WHERE effect = ?")
    }

    func insert(_ outcome: Outcome) throws {
        try bind(outcome, to: insertion).add(outcome.connection).add(outcome.effectClass)
            .add(outcome.keyWindow.map { Int($0.milliseconds) }).run()
    }

    func find(_ id: Identifier<Effect>) throws -> Outcome? { try selection.add(id).first(OutcomeTable.decode) }

    /// Writes back everything that changes.
    func update(_ outcome: Outcome) throws { try bind(outcome, to: update).run() }

    private func bind(_ outcome: Outcome, to statement: Statement) -> Statement {
        statement.add(outcome.state).add(outcome.sends).add(outcome.maybeDuplicate).add(outcome.humanSaidResend)
            .add(outcome.keyValidUntil).add(outcome.status).add(outcome.failure.map(CallFailureText.encode))
            .add(outcome.sentAt).add(outcome.settledAt).add(outcome.delivery).add(outcome.deadReason)
            .add(outcome.parkReason).add(outcome.counters.attempts).add(outcome.counters.losses)
            .add(outcome.counters.deaths).add(outcome.dueAt).add(outcome.fence).add(outcome.leaseUntil)
            .add(outcome.leaseEpoch.map { Int($0) }).add(outcome.lookups).add(outcome.lane)
            .add(outcome.ticket.map { Int($0) }).add(outcome.notBefore).add(outcome.plannedFor).add(outcome.effect)
    }

    /// The outputs that are due, oldest first, of all connections but these.
    func due(before now: Timestamp, excluding: Set<String>, limit: Int) throws -> [Candidate] {
        var candidates: [Candidate] = []
        var lane = ""
        var lanes = 0
        while let connection = try nextLane.add(lane).first({ $0.text() }) {
            lane = connection
            if excluding.contains(connection) { continue }
            lanes += 1
            try due.add(connection).add(now).add(limit).forEach { row in
                candidates.append(Candidate(id: try row.identifier(), dueAt: row.integer()))
                return true
            }
        }
        if lanes > 1 { candidates.sort { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) } }
        return Array(candidates.prefix(limit))
    }

    /// Prolongs a lease; `false` when it is lost.
    func extend(_ id: Identifier<Effect>, fence: Int64, until: Timestamp, epoch: Int64) throws -> Bool {
        try extending.add(until).add(epoch).add(id).add(fence).run()
        return Connection.changes(connection) == 1
    }

    /// Leased outputs whose lease has run out or is of another boot.
    func lost(now: Timestamp, epoch: Int64, limit: Int) throws -> [Outcome] {
        try lost.add(now).add(epoch).add(limit).all(OutcomeTable.decode)
    }

    func delete(_ id: Identifier<Effect>) throws { try deletion.add(id).run() }

    /// The outcome in `columns`.
    static func decode(_ row: Statement) throws -> Outcome {
        Outcome(
            effect: try row.identifier(), connection: row.text(), effectClass: try row.code(),
            state: try row.code(), sends: row.count(), maybeDuplicate: row.flag(), humanSaidResend: row.flag(),
            keyWindow: row.optionalInteger().map { .milliseconds($0) }, keyValidUntil: row.optionalTimestamp(),
            status: row.optionalCount(), failure: try row.optionalText().map(CallFailureText.decode),
            sentAt: row.optionalTimestamp(), settledAt: row.optionalTimestamp(), delivery: try row.optionalCode(),
            deadReason: try row.optionalCode(), parkReason: try row.optionalCode(),
            counters: WorkCounters(attempts: row.count(), losses: row.count(), deaths: row.count()),
            dueAt: row.optionalTimestamp(), fence: row.integer(), leaseUntil: row.optionalTimestamp(),
            leaseEpoch: row.optionalInteger(), lookups: row.optionalCount(), lane: row.optionalText(),
            ticket: row.optionalInteger(), notBefore: row.optionalTimestamp(), plannedFor: row.optionalTimestamp())
    }
}
