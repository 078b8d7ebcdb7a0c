import GrapnelCore

extension SQLiteQueue {
    package func findErasable(_ scan: ErasureScan) async throws -> ErasureFindings {
        try await read { snapshot in
            let statements = ErasureStatements(snapshot)
            return switch scan.place.part {
            case .stories: try SQLiteQueue.stories(scan, statements)
            case .rejections: try SQLiteQueue.rejections(scan, statements)
            case .keyValues: try SQLiteQueue.keyed(scan, .keyValue, statements)
            case .deliveries: try SQLiteQueue.keyed(scan, .dedupe, statements)
            }
        }
    }

    private static func stories(_ scan: ErasureScan, _ statements: ErasureStatements) throws -> ErasureFindings {
        var findings = ErasureFindings()
        let numbers = try statements.statement("SELECT number FROM request WHERE number > ? ORDER BY number LIMIT ?")
            .add(scan.place.number).add(max(scan.limit, 1)).all { $0.integer() }
        for number in numbers {
            let story = try EventStory(request: number, statements)
            var isFound = false
            for row in story.rows where try !row.matches(scan.pattern, statements).isEmpty {
                findings.rows[row.table.name, default: 0] += 1
                isFound = true
            }
            if isFound {
                findings.stories.append(number)
                findings.open += story.open
            }
        }
        findings.visited = numbers.count
        findings.next =
            numbers.last.map { ErasurePlace(part: .stories, number: $0) } ?? ErasurePlace(part: .rejections)
        return findings
    }

    private static func rejections(_ scan: ErasureScan, _ statements: ErasureStatements) throws -> ErasureFindings {
        var findings = ErasureFindings()
        let numbers = try statements.statement("SELECT number FROM rejected WHERE number > ? ORDER BY number LIMIT ?")
            .add(scan.place.number).add(max(scan.limit, 1)).all { $0.integer() }
        for number in numbers {
            let row = ErasableRow(table: .rejected, key: [.number(number)])
            guard try !row.matches(scan.pattern, statements).isEmpty else { continue }
            findings.rejections.append(number)
            findings.rows[row.table.name, default: 0] += 1
        }
        findings.visited = numbers.count
        findings.next =
            numbers.last.map { ErasurePlace(part: .rejections, number: $0) } ?? ErasurePlace(part: .keyValues)
        return findings
    }

    /// Tables whose rows have a key of three texts.
    private static func keyed(
        _ scan: ErasureScan, _ table: ErasableTable, _ statements: ErasureStatements
    ) throws -> ErasureFindings {
        var findings = ErasureFindings()
        let key = table.key.joined(separator: ", ")
        let selection = try statements.statement(
            "SELECT \(key) FROM \(table.name) WHERE (\(key)) > (?, ?, ?) ORDER BY \(key) LIMIT ?")
        let last = scan.place.key.count == 3 ? scan.place.key : ["", "", ""]
        for part in last { selection.add(part) }
        let keys = try selection.add(max(scan.limit, 1)).all { row in [row.text(), row.text(), row.text()] }
        for key in keys {
            let row = ErasableRow(table: table, key: key.map { .text($0) })
            guard try !row.matches(scan.pattern, statements).isEmpty else { continue }
            findings.rows[table.name, default: 0] += 1
            if scan.place.part == .keyValues { findings.keyValues.append(key) } else { findings.deliveries.append(key) }
        }
        findings.visited = keys.count
        if let last = keys.last {
            findings.next = ErasurePlace(part: scan.place.part, key: last)
        } else {
            findings.next = scan.place.part == .keyValues ? ErasurePlace(part: .deliveries) : nil
        }
        return findings
    }

    package func audit(limit: Int) async throws -> [AuditRecord] {
        try await read { snapshot in
            try snapshot.statement(
                "SELECT id, at, finished_at, actor, action, subject, rows FROM audit ORDER BY number DESC LIMIT ?"
            ).add(ListClause.bounded(limit)).all { row in
                AuditRecord(
                    id: try row.identifier(), at: row.timestamp(), finishedAt: row.optionalTimestamp(),
                    actor: row.text(), action: row.text(), subject: row.text(), rows: row.count())
            }
        }
    }

    /// The columns of text and bytes of the schema that erasing has not been told about, as `table.column`; none, or a
    /// person's value could stay in one of them.
    package func unsearchedColumns() async throws -> [String] {
        try await read { snapshot in
            let columns = try snapshot.statement(
                """
                SELECT t.name || '.' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
                WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.type <> 'INTEGER' ORDER BY 1
                """
            ).all { $0.text() }
            return ErasableTable.unknown(in: columns)
        }
    }
}
