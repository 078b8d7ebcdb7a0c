import GrapnelCore

/// The conditions of a list query, and their parameters in order.
struct ListClause {
    private var conditions: [String] = []
    private var parameters: [(Statement) -> Void] = []

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
        parameters.append { $0.add(id) }
    }

    /// Any of these states; empty means all.
    mutating func require<State: StoredCode>(_ column: String, anyOf states: Set<State>) {
        guard !states.isEmpty else { return }
        let codes = states.map(\.code).sorted().map { String($0) }.joined(separator: ", ")
        // Said again as the partial indexes say it, so that they are used.
        if let least = states.map(\.code).min(), least > 0 { conditions.append("\(column) >= \(least)") }
        conditions.append("\(column) IN (\(codes))")
    }

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
