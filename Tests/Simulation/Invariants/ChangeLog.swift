import GRDB
import GRDBSQLite
import GrapnelQueue

/// The changes of one database, written down by triggers of its own: what was committed, whoever did it.
///
/// It is read after every commit, so it is raw. Unchecked: there is one thread.
final class ChangeLog: @unchecked Sendable {
    private static let columns = [
        "kind", "id", "os", "ns", "of", "nf", "oa", "na", "ol", "nl", "od", "nd", "odue", "due", "lease", "epoch",
        "dead", "text", "oe", "ne", "sends", "marked", "other", "event", "tenant",
    ]
    private static let list = columns.joined(separator: ", ")

    private let connection: OpaquePointer?
    /// How many rows had been changed when it was read last.
    private var changesRead: Int64 = -1
    private let selection: OpaquePointer
    private let deletion: OpaquePointer

    /// Writes down every change from now on.
    init(of database: DatabaseQueue) throws {
        let connection = try database.writeWithoutTransaction { database in
            for statement in ChangeLog.triggers { try database.execute(sql: statement) }
            return database.sqliteConnection
        }
        self.connection = connection
        func prepare(_ sql: String) throws -> OpaquePointer {
            var statement: OpaquePointer?
            sqlite3_prepare_v2(connection, sql, -1, &statement, nil)
            guard let statement else { throw QueueError(.unusable, "cannot prepare \(sql)") }
            return statement
        }
        selection = try prepare("SELECT \(ChangeLog.list) FROM seen ORDER BY number")
        deletion = try prepare("DELETE FROM seen")
    }

    deinit {
        sqlite3_finalize(selection)
        sqlite3_finalize(deletion)
    }

    /// Takes what was written down since the last time.
    func take() -> [Change] {
        guard sqlite3_total_changes64(connection) != changesRead else { return [] }
        defer { changesRead = sqlite3_total_changes64(connection) }
        var changes: [Change] = []
        while sqlite3_step(selection) == SQLITE_ROW {
            if let change = change() { changes.append(change) }
        }
        sqlite3_reset(selection)
        if !changes.isEmpty {
            sqlite3_step(deletion)
            sqlite3_reset(deletion)
        }
        return changes
    }

    private func change() -> Change? {
        guard let kind = Change.Kind(rawValue: number(0) ?? -1) else { return nil }
        return Change(
            kind: kind, id: text(1) ?? "", oldState: number(2), state: number(3), oldFence: number(4) ?? 0,
            fence: number(5) ?? 0, oldAttempts: number(6) ?? 0, attempts: number(7) ?? 0, oldLosses: number(8) ?? 0,
            losses: number(9) ?? 0, oldDeaths: number(10) ?? 0, deaths: number(11) ?? 0, oldDueAt: number(12),
            dueAt: number(13), oldLeaseUntil: number(14), oldLeaseEpoch: number(15), deadReason: number(16),
            text: text(17), oldEffect: number(18), effect: number(19), sends: number(20) ?? 0,
            isMarked: number(21) == 1, other: text(22), event: text(23), tenant: text(24))
    }

    private func number(_ column: Int32) -> Int64? {
        sqlite3_column_type(selection, column) == SQLITE_NULL ? nil : sqlite3_column_int64(selection, column)
    }

    private func text(_ column: Int32) -> String? {
        sqlite3_column_text(selection, column).map { String(cString: $0) }
    }

    // MARK: Triggers

    private static func trigger(_ kind: Change.Kind, _ event: String, _ values: [String: String]) -> String {
        let row = columns.map { $0 == "kind" ? "\(kind.rawValue)" : values[$0] ?? "NULL" }
        return """
            CREATE TEMP TRIGGER note\(kind.rawValue) AFTER \(event) BEGIN
            INSERT INTO seen (\(list)) VALUES (\(row.joined(separator: ", "))); END;
            """
    }

    /// Columns of which the old and the new value are noted.
    private static func both(_ names: [String: String]) -> [String: String] {
        names.reduce(into: [:]) { row, pair in
            row["o\(pair.key)"] = "OLD.\(pair.value)"
            row["n\(pair.key)"] = "NEW.\(pair.value)"
        }
    }

    private static let counters = ["f": "fence", "a": "attempts", "l": "losses", "d": "deaths"]
    private static let ofWork = [
        "odue": "OLD.due_at", "due": "NEW.due_at", "lease": "OLD.lease_until", "epoch": "OLD.lease_epoch",
        "dead": "NEW.dead_reason",
    ]

    private static let ofRun = both(counters).merging(both(["s": "state"])) { $1 }.merging(ofWork) { $1 }
        .merging(["id": "hex(NEW.id)", "text": "NEW.error", "other": "hex(NEW.origin)", "ne": "NEW.park_reason"]) { $1 }

    private static let ofOutcome = both(counters).merging(both(["s": "delivery", "e": "state"])) { $1 }
        .merging(ofWork) { $1 }
        .merging(
            [
                "id": "hex(NEW.effect)", "sends": "NEW.sends", "marked": "NEW.maybe_duplicate", "text": "NEW.failure",
                "other": "NEW.connection",
            ]
        ) { $1 }

    private static let triggers = [
        "CREATE TEMP TABLE seen (number INTEGER PRIMARY KEY, \(list));",
        trigger(
            .runMade, "INSERT ON main.run",
            [
                "id": "hex(NEW.id)", "ns": "NEW.state", "nf": "NEW.fence", "other": "hex(NEW.origin)",
                "text": "NEW.recipe", "event": "hex(NEW.event)", "tenant": "NEW.tenant", "due": "NEW.due_at",
            ]),
        trigger(.runChanged, "UPDATE ON main.run", ofRun),
        trigger(.runDeleted, "DELETE ON main.run", ["id": "hex(OLD.id)", "os": "OLD.state"]),
        trigger(
            .outcomeMade, "INSERT ON main.outcome",
            [
                "id": "hex(NEW.effect)", "ns": "NEW.delivery", "nf": "NEW.fence", "ne": "NEW.state",
                "sends": "NEW.sends", "marked": "NEW.maybe_duplicate", "other": "NEW.connection",
                "due": "COALESCE(NEW.not_before, NEW.due_at)",
            ]),
        trigger(.outcomeChanged, "UPDATE ON main.outcome", ofOutcome),
        trigger(
            .outcomeDeleted, "DELETE ON main.outcome",
            ["id": "hex(OLD.effect)", "os": "OLD.delivery", "oe": "OLD.state"]),
        trigger(
            .eventMade, "INSERT ON main.event",
            [
                "id": "hex(NEW.id)", "text": "NEW.source || ' ' || COALESCE(NEW.delivery_id, '')",
                "due": "NEW.received_at", "other": "NULLIF(hex(NEW.conflict_of), '')", "tenant": "NEW.tenant",
                "event": "NULLIF(hex(NEW.cause), '')", "sends": "NEW.depth",
            ]),
        trigger(.eventDeleted, "DELETE ON main.event", ["id": "hex(OLD.id)"]),
        trigger(
            .resultMade, "INSERT ON main.run_result", ["id": "hex(NEW.run)", "text": "CAST(NEW.result AS TEXT)"]),
        trigger(
            .outputMade, "UPDATE OF output ON main.effect",
            ["id": "hex(NEW.id)", "text": "CAST(NEW.output AS TEXT)"]),
        trigger(.pauseMade, "INSERT ON main.pause", ["id": "''", "ne": "NEW.kind", "text": "NEW.name"]),
        trigger(.pauseEnded, "DELETE ON main.pause", ["id": "''", "ne": "OLD.kind", "text": "OLD.name"]),
        trigger(.memberMade, "INSERT ON main.member", ["id": "hex(NEW.batch)", "event": "hex(NEW.event)"]),
        trigger(.quarantineMade, "INSERT ON main.quarantine", ["id": "hex(NEW.run)", "text": "NEW.recipe"]),
        trigger(.quarantineEnded, "DELETE ON main.quarantine", ["id": "hex(OLD.run)", "text": "OLD.recipe"]),
        trigger(.cancelAsked, "INSERT ON main.cancel_request", ["id": "hex(NEW.subject)"]),
    ]
}
