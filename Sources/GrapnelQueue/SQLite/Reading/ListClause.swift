import GrapnelCore

/// The conditions of a list query, and their parameters in order.
struct ListClause: Sendable {
    private var conditions: [String] = []
    private var parameters: [@Sendable (Statement) -> Void] = []

    /// Rows that one page looks at are bounded, whatever was asked for.
    static func boundedScan(_ rows: Int) -> Int { min(max(rows, 1), 100_000) }

    /// Rows per page are bounded, whatever was asked for.
    static func bounded(_ limit: Int) -> Int { min(max(limit, 1), 1000) }

    mutating func require(_ condition: String) {
        conditions.append(condition)
    }

    mutating func require(_ condition: String, _ text: String) {
        conditions.append(condition)
        parameters.append { $0.add(text) }
    }

    mutating func require<Subject>(_ condition: String, _ id: Identifier<Subject>) {
        conditions.append(condition)
        let bytes = id.bytes
        parameters.append { $0.add(bytes) }
    }

    mutating func require(_ condition: String, _ time: Timestamp) {
        conditions.append(condition)
        parameters.append { $0.add(time) }
    }

    mutating func require(_ condition: String, _ bytes: [UInt8], times: Int) {
        conditions.append(condition)
        parameters.append { statement in for _ in 0..<times { statement.add(bytes) } }
    }

    /// Any of these states; empty means all.
    mutating func require<State: StoredCode>(_ column: String, anyOf states: Set<State>) {
        guard !states.isEmpty else { return }
        let codes = states.map(\.code).sorted().map { String($0) }.joined(separator: ", ")
        conditions.append("\(column) IN (\(codes))")
    }

    /// The conditions after others, with " AND " before each; empty when nothing is required.
    var conjunction: String { conditions.map { " AND \($0)" }.joined() }

    /// The clause, with a space before it; empty when nothing is required.
    var sql: String { conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ") }

    func bind(_ statement: Statement) {
        for parameter in parameters { parameter(statement) }
    }

    /// A pattern with `*` as SQLite's GLOB writes it: nothing else in it is special.
    static func glob(_ pattern: String) -> String {
        var text = ""
        for character in pattern {
            switch character {
            case "[", "?": text += "[\(character)]"
            default: text.append(character)
            }
        }
        return text
    }
}
