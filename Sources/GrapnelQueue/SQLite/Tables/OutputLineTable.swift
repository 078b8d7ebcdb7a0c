import GrapnelCore

/// Where outputs stand in the lines of their keys: a few look-ups each, however many stand there.
struct OutputLineTable {
    /// One line.
    struct Line: Hashable {
        var connection: String
        var key: String

        init(connection: String, key: String) {
            (self.connection, self.key) = (connection, key)
        }

        /// The line that an output stands in.
        init?(_ outcome: Outcome) {
            guard let lane = outcome.lane else { return nil }
            (connection, key) = (outcome.connection, lane)
        }
    }

    /// An output in a line.
    struct Standing {
        var effect: Identifier<Effect>
        var state: WorkState
        var dueAt: Timestamp?
        /// The earliest moment at which it may be sent.
        var notBefore: Timestamp?

        var isHeld: Bool { state == .scheduled && dueAt == .never }
    }

    private static let line = """
        FROM outcome WHERE connection = ? AND lane = ? AND lane IS NOT NULL AND delivery NOT IN (3, 4, 6)
        """

    /// The first of a line.
    static let first = "SELECT effect, delivery, due_at, not_before \(line) ORDER BY ticket LIMIT 1"
    /// The last ticket of a line.
    static let last = "SELECT ticket \(line) ORDER BY ticket DESC LIMIT 1"

    private let first: Statement
    private let last: Statement
    private let due: Statement

    init(_ connection: OpaquePointer) throws {
        first = try Statement(OutputLineTable.first, on: connection)
        last = try Statement(OutputLineTable.last, on: connection)
        due = try Statement("UPDATE outcome SET delivery = ?, due_at = ? WHERE effect = ?", on: connection)
    }

    /// The output of a line that is not over and came first.
    func first(of line: Line) throws -> Standing? {
        try first.add(line.connection).add(line.key).first { row in
            Standing(
                effect: try row.identifier(), state: try row.code(), dueAt: row.optionalTimestamp(),
                notBefore: row.optionalTimestamp())
        }
    }

    /// The last ticket of a line; `nil` when nobody stands in it.
    func lastTicket(of line: Line) throws -> Int64? {
        try last.add(line.connection).add(line.key).first { $0.integer() }
    }

    /// Says when an output that was held is due.
    func setDue(_ held: Standing, _ state: WorkState, at due: Timestamp) throws {
        try self.due.add(state).add(due).add(held.effect).run()
    }
}
