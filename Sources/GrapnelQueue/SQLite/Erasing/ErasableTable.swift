/// A table whose rows may hold what a person wrote, with the columns that do.
struct ErasableTable {
    struct Column {
        var name: String
        var form: ErasureMarker.Form
        /// Whether it holds bytes; else text.
        var isBlob: Bool
    }

    let name: String
    /// The columns that name a row.
    let key: [String]
    let columns: [Column]

    private init(
        _ name: String, key: [String], text: [(String, ErasureMarker.Form)], blob: [(String, ErasureMarker.Form)]
    ) {
        self.name = name
        self.key = key
        columns =
            text.map { Column(name: $0.0, form: $0.1, isBlob: false) }
            + blob.map { Column(name: $0.0, form: $0.1, isBlob: true) }
    }

    static let request = ErasableTable(
        "request", key: ["number"], text: [("url", .text), ("query", .text), ("peer", .text)],
        blob: [("headers", .headers), ("body", .json)])
    static let event = ErasableTable(
        "event", key: ["id"], text: [("type", .text), ("delivery_id", .text), ("parse_error", .text)],
        blob: [("value", .json)])
    static let reply = ErasableTable(
        "reply", key: ["event"], text: [], blob: [("headers", .headers), ("body", .json)])
    static let run = ErasableTable(
        "run", key: ["id"], text: [("error", .text), ("lane", .text), ("rate", .text)], blob: [])
    static let result = ErasableTable("run_result", key: ["run"], text: [], blob: [("result", .json)])
    static let effect = ErasableTable(
        "effect", key: ["id"], text: [("step", .name)], blob: [("input", .json), ("output", .json)])
    static let outcome = ErasableTable(
        "outcome", key: ["effect"], text: [("failure", .failure), ("lane", .text)], blob: [])
    static let attempt = ErasableTable(
        "attempt", key: ["subject", "started_at", "ordinal"],
        text: [("failure_message", .text), ("failure_stack", .text)], blob: [])
    static let log = ErasableTable("log", key: ["number"], text: [], blob: [("lines", .log)])
    static let rejected = ErasableTable(
        "rejected", key: ["number"], text: [("url", .text), ("query", .text), ("peer", .text), ("detail", .text)],
        blob: [("headers", .headers), ("body", .json)])
    /// Rows that go as a whole: nobody reads their story.
    static let keyValue = ErasableTable(
        "kv", key: ["tenant", "recipe", "key"], text: [("key", .text)], blob: [("value", .json)])
    static let dedupe = ErasableTable(
        "dedupe", key: ["tenant", "source", "delivery_id"], text: [("delivery_id", .text)], blob: [])

    static let all = [
        request, event, reply, run, result, effect, outcome, attempt, log, rejected, keyValue, dedupe,
    ]

    /// Columns that may hold text or bytes and never what came from outside: identities, names of the hub's own, hashes,
    /// and what keeps the database itself.
    static let exempt: Set<String> = [
        "meta.key", "meta.value", "counter.name", "source_bytes.source", "uncertain_origin.origin",
        "audit.id", "audit.actor", "audit.action", "audit.subject", "grdb_migrations.identifier",
        "request.id", "request.tenant", "request.source", "request.scheme", "request.secret_name",
        "request.secret_version", "request.events", "request.method",
        "event.id", "event.tenant", "event.source", "event.conflict_of", "event.conflict_fingerprint",
        "dedupe.tenant", "dedupe.source", "dedupe.event", "dedupe.fingerprint",
        "run.id", "run.tenant", "run.event", "run.recipe", "run.version", "run.origin", "run.replay_of",
        "run_result.run", "reply.event",
        "effect.id", "effect.tenant", "effect.origin", "effect.run", "effect.event", "effect.recipe",
        "effect.connection", "effect.operation", "effect.fingerprint", "effect.idempotency_key",
        "outcome.effect", "outcome.connection", "attempt.subject", "attempt.version",
        "kv.tenant", "kv.recipe",
        "rejected.id", "rejected.tenant", "rejected.source", "rejected.method",
        "event.cause", "run.waits_for", "cancel_request.subject",
        // What the hub's own people and connections are called, and why something is paused.
        "pause.name", "pause.reason", "pause.by", "connection_health.connection", "connection_health.failure",
        "schedule.tenant", "schedule.recipe", "schedule.schedule", "quarantine.tenant", "quarantine.recipe",
        "quarantine.version", "quarantine.run", "quarantine.error", "credential.connection", "credential.fingerprint",
        // Rows that go by themselves once the run is over to which they belong, and runs that are not over block erasing.
        "run.batch", "rate.tenant", "rate.recipe", "rate.key", "gathering.tenant", "gathering.recipe", "gathering.key",
        "gathering.source", "gathering.run", "member.batch", "member.event",
    ]

    /// The columns of `schema` (`table.column`) that nobody has thought about: neither searched nor exempt.
    static func unknown(in schema: [String]) -> [String] {
        let searched = all.flatMap { table in table.columns.map { "\(table.name).\($0.name)" } }
        return schema.filter { !exempt.contains($0) && !searched.contains($0) }
    }
}
