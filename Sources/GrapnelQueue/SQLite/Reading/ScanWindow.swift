import GrapnelCore

/// The next rows of a list in their order: identities from an index alone, a bounded number of them. What they are
/// tested for is looked at afterwards, row by row.
struct ScanWindow<Subject: IdentifiedSubject>: Sendable {
    /// What a row's identity says about when it was made may be this far from what its columns say: a clock that was
    /// set in between. An hour.
    private static var clockSlack: Duration { .seconds(3600) }

    private let order: ListOrder
    private let rows: Int
    /// The indexes that together hold every row that can fit, each with its conditions.
    private var lanes: [(table: String, clause: ListClause)] = []
    private var range = ListClause()
    /// What rows are ordered by: the identity, or the number of an appended table.
    private let key: String

    init(order: ListOrder = .newestFirst, rows: Int, key: String = "id") {
        self.order = order
        self.rows = ListClause.boundedScan(rows)
        self.key = key
    }

    /// Only rows beyond these, by their identity.
    mutating func require(before: Identifier<Subject>?, after: Identifier<Subject>?, as column: String = "id") {
        if let before { range.require("\(column) < ?", before) }
        if let after { range.require("\(column) > ?", after) }
    }

    /// Only rows that may have been made in this span.
    mutating func require(since: Timestamp?, until: Timestamp?, as column: String = "id") {
        if let since { range.require("\(column) >= ?", Identifier<Subject>.lowest(at: since - Self.clockSlack)) }
        if let until { range.require("\(column) < ?", Identifier<Subject>.lowest(at: until + Self.clockSlack)) }
    }

    /// Only rows older than this one, where rows are ordered by their numbers.
    mutating func require(condition: String, _ id: Identifier<Subject>?) {
        if let id { range.require(condition, id) }
    }

    mutating func addLane(_ table: String, _ clause: ListClause = ListClause()) {
        lanes.append((table, clause))
    }

    /// The identities, in their order.
    func identities(_ snapshot: Snapshot, column: String = "id") throws -> [Identifier<Subject>] {
        let direction = order == .newestFirst ? "DESC" : "ASC"
        let queries = lanes.map { lane in
            "SELECT * FROM (SELECT \(column) AS id, \(key) AS place FROM \(lane.table) WHERE 1"
                + "\(lane.clause.conjunction)\(range.conjunction) ORDER BY \(key) \(direction) LIMIT ?)"
        }
        // Not UNION ALL: a row may lie in several lanes.
        let all = queries.joined(separator: " UNION ")
        let statement = try snapshot.statement("SELECT id FROM (\(all)) ORDER BY place \(direction) LIMIT ?")
        for lane in lanes {
            lane.clause.bind(statement)
            range.bind(statement)
            statement.add(rows)
        }
        return try statement.add(rows).all { try $0.identifier() }
    }

    /// Looks at the rows until `limit` of them fit.
    func page<Row>(
        _ snapshot: Snapshot, column: String = "id", limit: Int, fitting: (Identifier<Subject>) throws -> Row?
    ) throws -> SearchPage<Row, Subject> {
        let identities = try identities(snapshot, column: column)
        var page = SearchPage<Row, Subject>(rows: [], scanned: 0, next: nil)
        for id in identities {
            page.scanned += 1
            page.next = id
            guard let row = try fitting(id) else { continue }
            page.rows.append(row)
            if page.rows.count == ListClause.bounded(limit) { return page }
        }
        if identities.count < rows { page.next = nil }
        return page
    }
}
