import GrapnelCore
import GrapnelCrypto
import GrapnelQueue

/// What the management API shows of each thing, as JSON.
enum ManagementDocuments {
    static func request(_ stored: StoredRequest) -> JSON {
        var members = common(stored.id.description, stored.source, stored.request)
        members.append(("verdict", verdict(stored.verdict)))
        members.append(("events", .array(stored.events.map { .string($0.description) })))
        return object(members)
    }

    static func rejection(_ rejected: RejectedRequest) -> JSON {
        var members = common(rejected.id.description, rejected.source, rejected.request)
        members.append(("kind", .string(rejected.kind.rawValue)))
        members.append(("detail", .string(rejected.detail)))
        return object(members)
    }

    static func event(_ stored: StoredEvent) -> JSON {
        let event = stored.event
        return object([
            ("id", .string(event.id.description)), ("source", .string(event.source)), ("type", .string(event.type)),
            ("delivery_id", text(event.deliveryID)), ("received_at", .string(event.receivedAt.description)),
            ("request", .string(stored.request.description)), ("verdict", verdict(stored.verdict)),
            ("conflict_of", text(event.conflictOf?.description)), ("parse_error", text(event.parseError)),
            ("cause", text(event.cause?.description)), ("depth", .integer(Int64(event.depth))),
            ("body", event.body()),
        ])
    }

    static func run(_ run: Run) -> JSON {
        object([
            ("id", .string(run.id.description)), ("recipe", .string(run.recipe)),
            ("version", .string(run.version.hash)), ("state", .string(run.state.rawValue)),
            ("dead_reason", text(run.deadReason?.rawValue)), ("park_reason", text(run.parkReason?.rawValue)),
            ("error", text(run.error)), ("created_at", .string(run.createdAt.description)),
            ("finished_at", text(run.finishedAt?.description)),
            ("due_at", run.dueAt == .never ? nil : text(run.dueAt?.description)),
            ("lane", text(run.lane?.key)),
            ("replay_of", text(run.replayOf?.description)), ("origin", .string(run.origin.description)),
            ("counters", counters(run.counters)), ("result", json(run.result)),
        ])
    }

    private static func counters(_ counters: WorkCounters) -> JSON {
        object([
            ("attempts", .integer(Int64(counters.attempts))), ("losses", .integer(Int64(counters.losses))),
            ("deaths", .integer(Int64(counters.deaths))),
        ])
    }

    static func attempt(_ attempt: Attempt) -> JSON {
        object([
            ("ordinal", .integer(Int64(attempt.ordinal))), ("started_at", .string(attempt.startedAt.description)),
            ("took_ms", .integer(attempt.took.milliseconds)), ("cold_start", attempt.coldStart.map { .bool($0) }),
            ("status", attempt.status.map { .integer(Int64($0)) }),
            (
                "failure",
                attempt.failure.map { failure in
                    object([
                        ("kind", .string(failure.kind.rawValue)), ("message", .string(failure.message)),
                        ("stack", text(failure.stack)),
                    ])
                }
            ),
            (
                "log",
                .array(
                    attempt.log.map { line in
                        object([
                            ("level", .string(line.level.rawValue)), ("at", .string(line.at.description)),
                            ("message", .string(line.message)), ("fields", line.fields),
                        ])
                    })
            ),
        ])
    }

    static func effect(_ detail: EffectDetail) -> JSON {
        let effect = detail.effect
        return object([
            ("id", .string(effect.id.description)), ("kind", .string(effect.kind.rawValue)),
            ("recipe", .string(effect.recipe)), ("run", .string(effect.run.description)),
            ("origin", .string(effect.origin.description)), ("connection", .string(effect.connection)),
            ("operation", .string(effect.operation)), ("step", .string(effect.step)),
            ("class", .string(effect.effectClass.rawValue)), ("state", .string(effect.state.rawValue)),
            ("idempotency_key", .string(effect.idempotencyKey)), ("sends", .integer(Int64(effect.sends))),
            ("status", effect.status.map { .integer(Int64($0)) }), ("maybe_duplicate", .bool(effect.maybeDuplicate)),
            ("created_at", .string(effect.createdAt.description)), ("sent_at", text(effect.sentAt?.description)),
            ("settled_at", text(effect.settledAt?.description)), ("input", json(effect.input)),
            ("output", json(effect.output)),
            (
                "failure",
                effect.failure.map { failure in
                    object([
                        ("code", .string(failure.code)), ("message", .string(failure.message)),
                        ("retryable", .bool(failure.isRetryable)), ("outcome", .string(failure.outcome.rawValue)),
                    ])
                }
            ),
            (
                "delivery",
                detail.delivery.map { delivery in
                    object([
                        ("state", .string(delivery.state.rawValue)),
                        ("dead_reason", text(delivery.deadReason?.rawValue)),
                        ("park_reason", text(delivery.parkReason?.rawValue)),
                        ("due_at", delivery.dueAt == .never ? nil : text(delivery.dueAt?.description)),
                        ("lane", text(delivery.lane)),
                        ("held_by", text(delivery.heldBy?.description)),
                        ("attempts", .array(delivery.attempts.map { attempt($0) })),
                    ])
                }
            ),
        ])
    }

    static func pause(_ pause: Pause) -> JSON {
        object([
            ("kind", .string(pause.kind.rawValue)), ("name", .string(pause.name)),
            ("since", .string(pause.since.description)), ("reason", text(pause.reason)), ("by", .string(pause.by)),
        ])
    }

    static func quarantine(_ quarantine: Quarantine) -> JSON {
        [
            "version": .string(quarantine.version.hash), "run": .string(quarantine.run.description),
            "error": .string(quarantine.error), "since": .string(quarantine.since.description),
        ]
    }

    static func reply(_ reply: HTTPReply) -> JSON {
        object([
            ("status", .integer(Int64(reply.status))), ("body", .string(String(decoding: reply.body, as: UTF8.self))),
        ])
    }

    private static func common(_ id: String, _ source: String, _ request: InboundRequest) -> [(String, JSON?)] {
        let body = String(validating: request.body, as: UTF8.self)
        return [
            ("id", .string(id)), ("source", .string(source)), ("method", .string(request.method)),
            ("url", .string(request.url)), ("peer", .string(request.peer)),
            ("received_at", .string(request.receivedAt.description)),
            ("size", .integer(Int64(request.body.count))),
            (
                "headers",
                .array(request.headers.fields.map { ["name": .string($0.name), "value": .string($0.value)] })
            ),
            ("body", text(body)), ("body_base64", body == nil ? .string(Base64.encode(request.body)) : nil),
        ]
    }

    private static func verdict(_ verdict: Verdict) -> JSON {
        object([
            ("scheme", .string(verdict.scheme)), ("secret", text(verdict.secretName)),
            ("secret_version", text(verdict.secretVersion)),
        ])
    }

    private static func text(_ text: String?) -> JSON? { text.map { .string($0) } }

    private static func json(_ bytes: [UInt8]?) -> JSON? { bytes.flatMap { try? JSONParser.parse($0) } }

    /// What is not there is left out.
    private static func object(_ members: [(String, JSON?)]) -> JSON {
        .object(JSONObject(members.compactMap { name, value in value.map { (name, $0) } }))
    }
}
