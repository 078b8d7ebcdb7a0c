import GrapnelCore
import GrapnelCrypto
import GrapnelQueue

extension ManagementRoutes {
    /// `POST /v1/erasures`: one step of a search for a person's value, which erases what it finds unless it is a dry run.
    /// The caller goes on at `next` until there is none. The value stands in the body, so that no log has it.
    func erase(_ document: JSON) async throws -> ManagementAnswer {
        guard let value = document["value"]?.string, let pattern = ErasurePattern(value) else {
            return ManagementAnswer(
                problem: 400, "an erasure has a value of at least \(ErasurePattern.shortest) bytes")
        }
        var place = ErasurePlace.start
        if let text = document["place"]?.string {
            guard let given = ErasurePlace(text: text) else {
                return ManagementAnswer(problem: 400, "\"place\" is not one that a step gave")
            }
            place = given
        }
        let findings = try await queue.findErasable(ErasureScan(pattern: pattern, place: place))
        var answer = JSONObject([
            ("visited", .integer(Int64(findings.visited))),
            ("rows", .object(JSONObject(findings.rows.sorted { $0.key < $1.key }.map { ($0, .integer(Int64($1))) }))),
            ("open", .array(findings.open.map { .string($0.description) })),
            ("next", findings.next.map { .string($0.text) } ?? .null),
        ])
        guard document["dry_run"]?.bool == false else { return ManagementAnswer(.object(answer)) }
        guard let id = document["id"]?.string.map({ Identifier<AuditRecord>($0) }) ?? ids.next() else {
            return ManagementAnswer(problem: 400, "\"id\" is not one that a step gave")
        }
        answer["id"] = .string(id.description)
        let isLast = findings.next == nil
        if isLast || !findings.rows.isEmpty {
            let erasure = Erasure(
                id: id, pattern: pattern, findings: findings, actor: document["by"]?.string ?? "unknown",
                subject: Hex.encode(Digest.hash(value, .sha256)), isLast: isLast)
            answer["erased"] = .integer(Int64(try await queue.erase(erasure)))
        } else {
            answer["erased"] = 0
        }
        return ManagementAnswer(.object(answer))
    }

    /// `GET /v1/audit`: what people did to what is kept, newest first.
    func audit(_ text: Substring) async throws -> ManagementAnswer {
        let query = try ListQuery(text, filters: [])
        let records = try await queue.audit(limit: query.limit).map { record -> JSON in
            [
                "id": .string(record.id.description), "at": .string(record.at.description),
                "finished_at": record.finishedAt.map { .string($0.description) } ?? .null,
                "by": .string(record.actor), "action": .string(record.action), "subject": .string(record.subject),
                "rows": .integer(Int64(record.rows)),
            ]
        }
        return ManagementAnswer(["audit": .array(records)])
    }
}
