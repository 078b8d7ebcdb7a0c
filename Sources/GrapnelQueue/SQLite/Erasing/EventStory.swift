import GrapnelCore

/// A request with all that hangs on it, as far as it may hold what a person wrote.
struct EventStory {
    let rows: [ErasableRow]
    /// Its runs that are not over, or whose outputs are not.
    let open: [Identifier<Run>]

    init(request number: Int64, _ statements: ErasureStatements) throws {
        let events =
            try statements.statement("SELECT events FROM request WHERE number = ?").add(number)
            .first { $0.bytes() } ?? []
        var rows = [ErasableRow(table: .request, key: [.number(number)])]
        var open: [Identifier<Run>] = []
        for start in stride(from: 0, to: events.count, by: 16) {
            let event = Array(events[start..<min(start + 16, events.count)])
            rows.append(ErasableRow(table: .event, key: [.bytes(event)]))
            rows.append(ErasableRow(table: .reply, key: [.bytes(event)]))
            let runs = try statements.statement("SELECT id, state FROM run WHERE event = ?").add(event).all { row in
                (id: row.bytes(), state: try row.code(WorkState.self))
            }
            for run in runs {
                rows.append(ErasableRow(table: .run, key: [.bytes(run.id)]))
                rows.append(ErasableRow(table: .result, key: [.bytes(run.id)]))
                rows += try EventStory.attempts(of: run.id, statements)
                let effects = try statements.statement(
                    "SELECT e.id, o.state, o.delivery FROM effect e JOIN outcome o ON o.effect = e.id WHERE e.origin = ?"
                ).add(run.id).all { row in
                    (
                        id: row.bytes(), state: try row.code(EffectState.self),
                        delivery: try row.optionalCode(WorkState.self)
                    )
                }
                var isOpen = !run.state.isTerminal
                for effect in effects {
                    rows.append(ErasableRow(table: .effect, key: [.bytes(effect.id)]))
                    rows.append(ErasableRow(table: .outcome, key: [.bytes(effect.id)]))
                    rows += try EventStory.attempts(of: effect.id, statements)
                    let isOver = effect.delivery?.isTerminal ?? (effect.state != .inFlight)
                    if !isOver { isOpen = true }
                }
                if isOpen, let id = Identifier<Run>(bytes: run.id[...]) { open.append(id) }
            }
        }
        self.rows = rows
        self.open = open
    }

    private static func attempts(of subject: [UInt8], _ statements: ErasureStatements) throws -> [ErasableRow] {
        try statements.statement("SELECT started_at, ordinal, log FROM attempt WHERE subject = ?").add(subject)
            .all { row in
                let key: [ErasableRow.KeyPart] = [.bytes(subject), .number(row.integer()), .number(row.integer())]
                let log = row.optionalInteger().map { ErasableRow(table: .log, key: [.number($0)]) }
                return [ErasableRow(table: .attempt, key: key)] + (log.map { [$0] } ?? [])
            }.flatMap { $0 }
    }
}
