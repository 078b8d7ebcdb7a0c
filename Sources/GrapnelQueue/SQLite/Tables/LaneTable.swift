import GrapnelCore

/// Where runs stand in the lines of their keys: a few look-ups each, however many stand there.
struct LaneTable {
    /// One line.
    struct Line: Hashable {
        var tenant: TenantID
        var recipe: String
        var key: String

        /// The line that a run stands in.
        init?(_ run: Run) {
            guard let lane = run.lane else { return nil }
            (tenant, recipe, key) = (run.tenant, run.recipe, lane.key)
        }
    }

    /// A run in a line.
    struct Standing {
        var run: Identifier<Run>
        var state: WorkState
        var dueAt: Timestamp?
        /// The earliest moment at which it may start.
        var notBefore: Timestamp?
        var limit: Int?

        var isHeld: Bool { state == .scheduled && dueAt == .never }
    }

    private static let columns = "id, state, due_at, not_before, lane_limit"
    private static let line = "FROM run WHERE tenant = ? AND recipe = ? AND lane = ?"
    private static let ordered = "\(line) AND lane IS NOT NULL AND lane_limit IS NULL AND state NOT IN (3, 4, 6)"
    private static let limited = "\(line) AND lane_limit IS NOT NULL AND state NOT IN (3, 4, 5, 6)"

    /// The first of an ordered line.
    static let first = "SELECT \(columns) \(ordered) ORDER BY ticket LIMIT 1"
    /// The last ticket of an ordered line.
    static let last = "SELECT ticket \(ordered) ORDER BY ticket DESC LIMIT 1"
    /// The runs of a limited line that are leased.
    static let leased = "SELECT COUNT(*) FROM (SELECT 1 \(limited) AND state = 2 LIMIT ?)"
    /// The runs of a limited line that are leased or may be claimed.
    static let taken = "SELECT COUNT(*) FROM (SELECT 1 \(limited) AND state IN (1, 2) LIMIT ?)"
    /// The run of a limited line that is held and came first.
    static let held = "SELECT \(columns) \(limited) AND state = 0 AND due_at = ? ORDER BY id LIMIT 1"

    private let first: Statement
    private let last: Statement
    private let leased: Statement
    private let taken: Statement
    private let held: Statement
    private let due: Statement

    init(_ connection: OpaquePointer) throws {
        first = try Statement(LaneTable.first, on: connection)
        last = try Statement(LaneTable.last, on: connection)
        leased = try Statement(LaneTable.leased, on: connection)
        taken = try Statement(LaneTable.taken, on: connection)
        held = try Statement(LaneTable.held, on: connection)
        due = try Statement("UPDATE run SET state = ?, due_at = ? WHERE id = ? AND state <= 1", on: connection)
    }

    private func bind(_ line: Line, to statement: Statement) -> Statement {
        statement.add(line.tenant).add(line.recipe).add(line.key)
    }

    /// The run of an ordered line that is not over and came first.
    func first(of line: Line) throws -> Standing? { try bind(line, to: first).first(LaneTable.decode) }

    /// The last ticket of an ordered line; `nil` when nobody stands in it.
    func lastTicket(of line: Line) throws -> Int64? { try bind(line, to: last).first { $0.integer() } }

    /// How many runs of a limited line are leased; no more than `most` are counted.
    func leased(of line: Line, most: Int) throws -> Int {
        try bind(line, to: leased).add(most).first { $0.count() } ?? 0
    }

    /// How many runs of a limited line are leased or may be claimed; no more than `most` are counted.
    func taken(of line: Line, most: Int) throws -> Int {
        try bind(line, to: taken).add(most).first { $0.count() } ?? 0
    }

    /// The run of a limited line that is held and came first.
    func firstHeld(of line: Line) throws -> Standing? {
        try bind(line, to: held).add(Timestamp.never).first(LaneTable.decode)
    }

    /// Says when a waiting run is due.
    func setDue(_ run: Identifier<Run>, _ state: WorkState, at due: Timestamp) throws {
        try self.due.add(state).add(due).add(run).run()
    }

    private static func decode(_ row: Statement) throws -> Standing {
        Standing(
            run: try row.identifier(), state: try row.code(), dueAt: row.optionalTimestamp(),
            notBefore: row.optionalTimestamp(), limit: row.optionalCount())
    }
}
