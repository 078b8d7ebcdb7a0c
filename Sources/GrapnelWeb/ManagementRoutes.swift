import GrapnelCore
import GrapnelQueue

/// The routes of the management API: what is not listed here does not exist.
struct ManagementRoutes: Sendable {
    let queue: any QueueReader & QueueWriter
    let control: any HubControl
    let ids: IdentifierGenerator
    let clock: any HubClock

    func answer(method: String, target: String, body: [UInt8]) async -> ManagementAnswer {
        let path = target.prefix { $0 != "?" }
        let query = target[path.endIndex...].dropFirst()
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        do {
            switch (method, parts.first == "v1" ? Array(parts.dropFirst()) : []) {
            case ("GET", ["status"]): return try await status()
            case ("GET", ["sources"]): return try await list(.source)
            case ("GET", ["recipes"]): return try await list(.recipe)
            case ("GET", ["connections"]): return try await list(.connection)
            case ("GET", ["pauses"]): return try await pauses()
            case ("POST", ["reload"]): return await reload()
            case ("GET", ["audit"]): return try await audit(query)
            case ("POST", ["erasures"]): return try await erase(try JSONParser.parse(body))
            case ("GET", ["requests"]): return try await requests(query)
            case ("GET", ["events"]): return try await events(query)
            case ("GET", ["runs"]): return try await runs(query)
            case ("GET", ["effects"]): return try await effects(query)
            case ("GET", ["schedules"]): return try await schedules()
            case ("GET", ["failures"]): return try await failures(query)
            case ("POST", let route) where route.count == 2 && route[0] == "bulk":
                return try await bulk(route[1], body)
            case ("GET", let route) where route.count == 2: return try await show(route[0], route[1])
            case ("POST", let route) where route.count == 3:
                return try await change(route[0], route[1], route[2], try ManagementRoutes.document(body))
            default: return ManagementAnswer(problem: 404, "there is no \(method) \(path)")
            }
        } catch let error as QueueError {
            let status = error.code == .notFound ? 404 : error.code == .conflict ? 409 : 503
            return ManagementAnswer(problem: status, error.message)
        } catch {
            return ManagementAnswer(problem: 400, "\(error)")
        }
    }

    static func document(_ body: [UInt8]) throws -> JSON {
        body.isEmpty ? [:] : try JSONParser.parse(body)
    }

    private func status() async throws -> ManagementAnswer {
        var status = control.status()
        let counts = try await queue.counts()
        func document<Key: RawRepresentable>(_ counts: [Key: Int]) -> JSON where Key.RawValue == String {
            let present = counts.filter { $0.value > 0 }.map { ($0.key.rawValue, JSON.integer(Int64($0.value))) }
            return .object(JSONObject(present.sorted { $0.0 < $1.0 }))
        }
        status.append("requests", .integer(Int64(counts.requests)))
        status.append("events", .integer(Int64(counts.events)))
        status.append("duplicates", .integer(Int64(counts.duplicates)))
        status.append("conflicts", .integer(Int64(counts.conflicts)))
        status.append("rejected", document(counts.rejections))
        status.append("runs", document(counts.runs))
        status.append("outputs", document(counts.outputs))
        status.append("oldest_due_at", (try await queue.oldestDue()).map { .string($0.description) } ?? .null)
        status.append("effects", document(counts.effects))
        status.append("notices_of_last_day", .integer(Int64(try await noticesOfLastDay())))
        status.append("maybe_duplicates", .integer(Int64(counts.maybeDuplicates)))
        status.append("pauses", .array(try await queue.pauses().map { ManagementDocuments.pause($0) }))
        return ManagementAnswer(.object(status))
    }

    /// How many notices were told in the last day; their rate is limited, so that one page holds them.
    private func noticesOfLastDay() async throws -> Int {
        let since = clock.now() - .seconds(86_400)
        return try await queue.events(EventQuery(source: Event.hubSource, limit: 1000))
            .prefix { $0.event.receivedAt > since }.count
    }

    private func reload() async -> ManagementAnswer {
        switch await control.reload() {
        case .done(let document): return ManagementAnswer(document)
        case .refused(let problems):
            var answer = ManagementAnswer(problem: 422, problems.joined(separator: "\n"))
            answer.document = answer.document.with("problems", .array(problems.map { .string($0) }))
            return answer
        }
    }

    private func requests(_ text: Substring) async throws -> ManagementAnswer {
        let query = try ListQuery(text, filters: ["source", "rejected"])
        let wanted = RequestQuery(source: query.text("source"), before: try query.before(), limit: query.limit)
        let documents =
            try query.flag("rejected")
            ? try await queue.rejections(wanted).map { ManagementDocuments.rejection($0) }
            : try await queue.requests(wanted).map { ManagementDocuments.request($0) }
        return ManagementAnswer(["requests": .array(documents)])
    }

    func show(_ kind: String, _ id: String) async throws -> ManagementAnswer {
        switch kind {
        case "requests":
            guard let id = Identifier<InboundRequest>(id) else { break }
            if let request = try await queue.request(id) {
                return ManagementAnswer(ManagementDocuments.request(request))
            }
            guard let rejection = try await queue.rejection(id) else { break }
            return ManagementAnswer(ManagementDocuments.rejection(rejection))
        case "events":
            guard let id = Identifier<Event>(id), let event = try await queue.event(id) else { break }
            var runs: [JSON] = []
            for run in try await queue.runs(of: id) {
                runs.append(ManagementDocuments.run(run).with("emitted", try await emitted(by: run.id)))
            }
            return ManagementAnswer(
                ManagementDocuments.event(event).with("runs", .array(runs))
                    .with("caused_by", try await causes(of: event.event)))
        case "runs":
            guard let id = Identifier<Run>(id), let detail = try await queue.run(id) else { break }
            var document = ManagementDocuments.run(detail.run)
                .with("quarantine", try await quarantine(of: detail.run))
                .with("attempts", .array(detail.attempts.map { ManagementDocuments.attempt($0) }))
                .with("effects", .array(detail.effects.map { ManagementDocuments.effect($0) }))
            if !detail.batch.isEmpty {
                document = document.with("batch", .array(detail.batch.map { .string($0.description) }))
            }
            if let holder = detail.heldBy { document = document.with("held_by", .string(holder.description)) }
            if let event = try await queue.event(detail.run.event) {
                document = document.with("event", ManagementDocuments.event(event))
                    .with("caused_by", try await causes(of: event.event))
            }
            if let reply = try await queue.reply(to: detail.run.event) {
                document = document.with("reply", ManagementDocuments.reply(reply))
            }
            document = document.with("emitted", try await emitted(by: id))
            return ManagementAnswer(document)
        case "effects":
            guard let id = Identifier<Effect>(id), let effect = try await queue.effect(id) else { break }
            return ManagementAnswer(ManagementDocuments.effect(effect))
        default: break
        }
        return ManagementAnswer(problem: 404, "there is no \(id) among the \(kind)")
    }

    private func change(
        _ kind: String, _ id: String, _ action: String, _ document: JSON
    ) async throws -> ManagementAnswer {
        if let kind = PauseKind(plural: kind), action == "pause" { return try await pause(kind, id, document) }
        if let kind = PauseKind(plural: kind), action == "resume" { return try await resume(kind, id) }
        switch (kind, action) {
        case ("runs", "replay"): return try await replay(id, document)
        case ("runs", "retry"): return try await retry(id)
        case ("runs", "move"): return try await move(run: id)
        case ("recipes", "move"): return try await move(recipe: id)
        case ("recipes", "release"): return try await release(recipe: id)
        case ("recipes", "schedule"): return try await plan(id, document)
        case ("runs", "cancel"), ("effects", "cancel"): return try await cancel(kind, id)
        case ("events", "release"):
            guard let event = Identifier<Event>(id), let stored = try await queue.event(event) else {
                return ManagementAnswer(problem: 404, "there is no event \(id)")
            }
            let runs = control.recipes(wanting: stored.event).map { match in
                AcceptedRequest.NewRun(
                    id: ids.next(), recipe: match.recipe, version: match.version, startNow: false, flow: match.flow)
            }
            _ = try await queue.release(ConflictRelease(event: event, runs: runs))
            return try await show("events", id)
        case ("effects", "resolve"):
            guard let effect = Identifier<Effect>(id) else {
                return ManagementAnswer(problem: 404, "there is no effect \(id)")
            }
            guard let choice = document["choice"]?.string.flatMap({ EffectResolution.Choice(rawValue: $0) })
            else { return ManagementAnswer(problem: 400, "a resolution has the choice confirm, resend or drop") }
            let output = document["output"].map { JSONWriter.bytes($0) }
            _ = try await queue.resolve(EffectResolution(effect: effect, choice: choice, output: output))
            return try await show("effects", id)
        default: return ManagementAnswer(problem: 404, "there is no \(action) of \(kind)")
        }
    }
}

extension JSON {
    /// The object with one more member, when there is a value for it.
    func with(_ key: String, _ value: JSON?) -> JSON {
        guard let value, case .object(var object) = self else { return self }
        object[key] = value
        return .object(object)
    }
}
