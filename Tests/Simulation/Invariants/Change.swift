import GRDB
import GrapnelCore

/// One change of a row, as a trigger of the database wrote it down: what was committed, whoever did it.
struct Change {
    enum Kind: Int64 {
        case runMade, runChanged, runDeleted, outcomeMade, outcomeChanged, outcomeDeleted, eventMade, eventDeleted
        case resultMade, outputMade
    }

    var kind: Kind
    /// The identity of the row, in hexadecimal digits.
    var id: String
    var oldState: Int64?
    var state: Int64?
    var oldFence: Int64
    var fence: Int64
    var oldAttempts: Int64
    var attempts: Int64
    var oldLosses: Int64
    var losses: Int64
    var oldDeaths: Int64
    var deaths: Int64
    var oldDueAt: Int64?
    var dueAt: Int64?
    var oldLeaseUntil: Int64?
    var oldLeaseEpoch: Int64?
    var deadReason: Int64?
    var text: String?
    var oldEffect: Int64?
    var effect: Int64?
    var sends: Int64
    var isMarked: Bool
    var other: String?

    /// The states of `WorkState` as they are stored.
    static let leased: Int64 = 2
    static let succeeded: Int64 = 3
    static let dead: Int64 = 4
    static let parked: Int64 = 5

    static func isTerminal(_ state: Int64?) -> Bool { state == 3 || state == 4 || state == 6 }

    private static let columns = [
        "kind", "id", "os", "ns", "of", "nf", "oa", "na", "ol", "nl", "od", "nd", "odue", "due", "lease", "epoch",
        "dead",
        "text", "oe", "ne", "sends", "marked", "other",
    ]

    /// Writes down every change from now on.
    static func record(in database: Database) throws {
        let list = columns.joined(separator: ", ")
        func trigger(_ kind: Kind, _ event: String, _ values: [String: String]) -> String {
            let row = columns.map { $0 == "kind" ? "\(kind.rawValue)" : values[$0] ?? "NULL" }
            return """
                CREATE TEMP TRIGGER note\(kind.rawValue) AFTER \(event) BEGIN
                INSERT INTO seen (\(list)) VALUES (\(row.joined(separator: ", "))); END;
                """
        }
        func both(_ names: [String: String]) -> [String: String] {
            names.reduce(into: [:]) { row, pair in
                row["o\(pair.key)"] = "OLD.\(pair.value)"
                row["n\(pair.key)"] = "NEW.\(pair.value)"
            }
        }
        let counters = ["f": "fence", "a": "attempts", "l": "losses", "d": "deaths"]
        let made: [String: String] = [
            "id": "hex(NEW.id)", "ns": "NEW.state", "nf": "NEW.fence", "other": "hex(NEW.origin)",
            "text": "NEW.recipe",
        ]
        var run = both(counters.merging(["s": "state"]) { old, _ in old })
        run.merge(
            [
                "id": "hex(NEW.id)", "odue": "OLD.due_at", "due": "NEW.due_at", "lease": "OLD.lease_until",
                "epoch": "OLD.lease_epoch",
                "dead": "NEW.dead_reason", "text": "NEW.error", "other": "hex(NEW.origin)",
            ]) { _, new in new }
        var outcome = both(counters.merging(["s": "delivery", "e": "state"]) { old, _ in old })
        outcome.merge(
            [
                "id": "hex(NEW.effect)", "odue": "OLD.due_at", "due": "NEW.due_at", "lease": "OLD.lease_until",
                "epoch": "OLD.lease_epoch",
                "dead": "NEW.dead_reason", "sends": "NEW.sends", "marked": "NEW.maybe_duplicate",
                "text": "NEW.failure",
            ]) { _, new in new }
        let sql = [
            "CREATE TEMP TABLE seen (number INTEGER PRIMARY KEY, \(list));",
            trigger(.runMade, "INSERT ON main.run", made), trigger(.runChanged, "UPDATE ON main.run", run),
            trigger(.runDeleted, "DELETE ON main.run", ["id": "hex(OLD.id)", "os": "OLD.state"]),
            trigger(
                .outcomeMade, "INSERT ON main.outcome",
                [
                    "id": "hex(NEW.effect)", "ns": "NEW.delivery", "nf": "NEW.fence", "ne": "NEW.state",
                    "sends": "NEW.sends", "marked": "NEW.maybe_duplicate",
                ]), trigger(.outcomeChanged, "UPDATE ON main.outcome", outcome),
            trigger(
                .outcomeDeleted, "DELETE ON main.outcome",
                ["id": "hex(OLD.effect)", "os": "OLD.delivery", "oe": "OLD.state"]
            ),
            trigger(
                .eventMade, "INSERT ON main.event",
                [
                    "id": "hex(NEW.id)", "text": "NEW.source || ' ' || COALESCE(NEW.delivery_id, '')",
                    "due": "NEW.received_at", "other": "NULLIF(hex(NEW.conflict_of), '')",
                ]), trigger(.eventDeleted, "DELETE ON main.event", ["id": "hex(OLD.id)"]),
            trigger(
                .resultMade, "INSERT ON main.run_result",
                ["id": "hex(NEW.run)", "text": "CAST(NEW.result AS TEXT)"]),
            trigger(
                .outputMade, "UPDATE OF output ON main.effect",
                ["id": "hex(NEW.id)", "text": "CAST(NEW.output AS TEXT)"]),
        ]
        for statement in sql { try database.execute(sql: statement) }
    }

    /// Takes what was written down since the last time.
    static func take(from database: Database) throws -> [Change] {
        let rows = try Row.fetchAll(
            try database.cachedStatement(sql: "SELECT \(columns.joined(separator: ", ")) FROM seen ORDER BY number"))
        guard !rows.isEmpty else { return [] }
        try database.cachedStatement(sql: "DELETE FROM seen").execute()
        return rows.compactMap { row in
            guard let kind = Kind(rawValue: row[0]) else { return nil }
            return Change(
                kind: kind, id: row[1], oldState: row[2], state: row[3], oldFence: row[4] ?? 0, fence: row[5] ?? 0,
                oldAttempts: row[6] ?? 0, attempts: row[7] ?? 0, oldLosses: row[8] ?? 0, losses: row[9] ?? 0,
                oldDeaths: row[10] ?? 0, deaths: row[11] ?? 0, oldDueAt: row[12], dueAt: row[13],
                oldLeaseUntil: row[14], oldLeaseEpoch: row[15], deadReason: row[16], text: row[17],
                oldEffect: row[18], effect: row[19], sends: row[20] ?? 0, isMarked: (row[21] as Int64?) == 1,
                other: row[22])
        }
    }
}
