import GrapnelCore

extension SQLiteWriter {
    /// Puts markers where a person's value stands; returns how many rows were changed or deleted.
    ///
    /// A story that is not over is left as it is: its runs need what it says.
    func erase(_ erasure: Erasure) throws -> Int {
        let now = clock.now()
        let statements = ErasureStatements(connection)
        var count = 0
        for number in erasure.findings.stories {
            let story = try EventStory(request: number, statements)
            guard story.open.isEmpty else { continue }
            guard let before = try size(of: number, statements) else { continue }
            count += try erase(story.rows, erasure.pattern, now: now, statements)
            let after = try size(of: number, statements)?.bytes ?? before.bytes
            counters.addBytes(after - before.bytes, of: before.source)
        }
        let rejected = erasure.findings.rejections.map { ErasableRow(table: .rejected, key: [.number($0)]) }
        count += try erase(rejected, erasure.pattern, now: now, statements)
        for (table, keys) in [
            (ErasableTable.keyValue, erasure.findings.keyValues), (.dedupe, erasure.findings.deliveries),
        ] {
            for key in keys where key.count == table.key.count {
                try ErasableRow(table: table, key: key.map { .text($0) }).delete(statements)
                count += Connection.changes(connection)
            }
        }
        try note(erasure, rows: count, now: now)
        if erasure.isLast { wantsEmptyLog = true }
        return count
    }

    private func erase(
        _ rows: [ErasableRow], _ pattern: ErasurePattern, now: Timestamp, _ statements: ErasureStatements
    ) throws -> Int {
        var count = 0
        for (index, row) in rows.enumerated() {
            let columns = try row.matches(pattern, statements)
            guard !columns.isEmpty else { continue }
            try row.erase(columns, number: Int64(index), at: now, statements)
            count += 1
        }
        return count
    }

    /// The source of a request, and the bytes that it counts for.
    private func size(of number: Int64, _ statements: ErasureStatements) throws -> (source: String, bytes: Int)? {
        try statements.statement("SELECT source, length(headers) + length(body) FROM request WHERE number = ?")
            .add(number).first { row in (row.text(), row.count()) }
    }

    private func note(_ erasure: Erasure, rows: Int, now: Timestamp) throws {
        try Statement(
            """
            INSERT INTO audit (id, at, finished_at, actor, action, subject, rows) VALUES (?1, ?2, ?3, ?4, 'erase', ?5, ?6)
                ON CONFLICT (id) DO UPDATE SET rows = rows + ?6, finished_at = ?3
            """, on: connection
        ).add(erasure.id).add(now).add(erasure.isLast ? now : nil).add(erasure.actor).add(erasure.subject).add(rows)
            .run()
    }
}
