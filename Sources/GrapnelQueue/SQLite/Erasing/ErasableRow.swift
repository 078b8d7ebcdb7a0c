import GrapnelCore

/// A row that may hold what is to be erased.
struct ErasableRow {
    /// One column of a row's key.
    enum KeyPart {
        case number(Int64)
        case bytes([UInt8])
        case text(String)
    }

    let table: ErasableTable
    let key: [KeyPart]

    private var condition: String { table.key.map { "\($0) = ?" }.joined(separator: " AND ") }

    private func bind(_ statement: Statement) -> Statement {
        for part in key {
            switch part {
            case .number(let number): statement.add(number)
            case .bytes(let bytes): statement.add(bytes)
            case .text(let text): statement.add(text)
            }
        }
        return statement
    }

    /// The columns that hold the value.
    func matches(_ pattern: ErasurePattern, _ statements: ErasureStatements) throws -> [ErasableTable.Column] {
        let columns = table.columns.map(\.name).joined(separator: ", ")
        let selection = try statements.statement("SELECT \(columns) FROM \(table.name) WHERE \(condition)")
        return try bind(selection).first { row in
            table.columns.filter { _ in row.optionalBytes().map(pattern.isIn) ?? false }
        } ?? []
    }

    /// Puts the marker into these columns.
    func erase(
        _ columns: [ErasableTable.Column], number: Int64, at now: Timestamp, _ statements: ErasureStatements
    ) throws {
        for column in columns {
            let update = try statements.statement("UPDATE \(table.name) SET \(column.name) = ? WHERE \(condition)")
            let marker = ErasureMarker.bytes(column.form, at: now, number: number)
            if column.isBlob { update.add(marker) } else { update.add(String(decoding: marker, as: UTF8.self)) }
            try bind(update).run()
        }
    }

    /// Deletes the row.
    func delete(_ statements: ErasureStatements) throws {
        try bind(try statements.statement("DELETE FROM \(table.name) WHERE \(condition)")).run()
    }
}
