/// The queries for the next moment at which something is due: a few look-ups for each recipe or connection, however
/// much waits. What was due when it was claimed last, and was left, is not asked for: a claim would leave it again.
enum NextDue {
    static let runs = query(table: "run", lane: "recipe", state: "state")
    static let outputs = query(table: "outcome", lane: "connection", state: "delivery")

    private static func query(table: String, lane: String, state: String) -> String {
        """
        WITH RECURSIVE lane (name) AS (
            SELECT MIN(\(lane)) FROM \(table) WHERE \(state) <= 1
            UNION ALL
            SELECT (SELECT MIN(\(lane)) FROM \(table) WHERE \(state) <= 1 AND \(lane) > lane.name)
            FROM lane WHERE lane.name IS NOT NULL
        )
        SELECT MIN((SELECT MIN(due_at) FROM \(table) WHERE \(state) <= 1 AND \(lane) = lane.name AND due_at > ?))
        FROM lane WHERE lane.name IS NOT NULL
        """
    }
}
