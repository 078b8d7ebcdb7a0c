import GrapnelCore
import GrapnelQueue

extension ManagementRoutes {
    /// The most refusals that an answer spells out.
    private static var shownRefusals: Int { 3 }
    /// The most examples of a preview.
    private static var shownExamples: Int { 3 }

    /// Looks at a part of the set of a bulk, or does a part of it.
    func bulk(_ part: String, _ body: [UInt8]) async throws -> ManagementAnswer {
        let request = try BulkRequest(try ManagementRoutes.document(body), now: clock.now())
        switch part {
        case "preview": return try await preview(request)
        case "step": return try await step(request)
        default: return ManagementAnswer(problem: 404, "there is no bulk \(part); there are preview and step")
        }
    }

    // MARK: Looking

    private func preview(_ request: BulkRequest) async throws -> ManagementAnswer {
        if let query = try request.runQuery(limit: BulkRequest.previewRows) {
            let page = try await queue.searchRuns(query)
            return preview(
                request, page, id: \.id, names: \.recipe, time: \.createdAt,
                effects: try await queue.effectTallies(of: page.rows.map(\.origin)))
        }
        let page = try await queue.searchEffects(try request.effectQuery(limit: BulkRequest.previewRows))
        var tallies: [EffectTally] = []
        for effect in page.rows.map(\.effect) {
            let isAlike = { (tally: EffectTally) in
                tally.connection == effect.connection && tally.operation == effect.operation
                    && tally.effectClass == effect.effectClass && tally.state == effect.state
            }
            if let index = tallies.firstIndex(where: isAlike) {
                tallies[index].count += 1
            } else {
                tallies.append(
                    EffectTally(
                        connection: effect.connection, operation: effect.operation,
                        effectClass: effect.effectClass, state: effect.state, count: 1))
            }
        }
        return preview(
            request, page, id: \.effect.id, names: \.effect.recipe, time: \.effect.createdAt, effects: tallies)
    }

    private func preview<Row, Subject>(
        _ request: BulkRequest, _ page: SearchPage<Row, Subject>, id: (Row) -> Identifier<Subject>,
        names: (Row) -> String, time: (Row) -> Timestamp, effects: [EffectTally]
    ) -> ManagementAnswer {
        let recipes = Dictionary(page.rows.map { (names($0), 1) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
        let times = page.rows.map(time)
        var answer = JSONObject([
            ("as_of", .string(request.asOf.description)), ("scanned", .integer(Int64(page.scanned))),
            ("count", .integer(Int64(page.rows.count))),
            ("recipes", .array(recipes.map { ["recipe": .string($0.key), "count": .integer(Int64($0.value))] })),
            ("effects", .array(effects.map { ManagementRoutes.document($0) })),
            (
                "examples",
                .array(page.rows.prefix(ManagementRoutes.shownExamples).map { .string(id($0).description) })
            ),
        ])
        if let oldest = times.min(), let newest = times.max() {
            answer.append("oldest", .string(oldest.description))
            answer.append("newest", .string(newest.description))
        }
        if let next = page.next { answer.append("next", .string(next.description)) }
        return ManagementAnswer(.object(answer))
    }

    private static func document(_ tally: EffectTally) -> JSON {
        [
            "operation": .string("\(tally.connection).\(tally.operation)"),
            "class": .string(tally.effectClass.rawValue),
            "state": .string(tally.state.rawValue), "count": .integer(Int64(tally.count)),
        ]
    }

    // MARK: Doing

    private func step(_ request: BulkRequest) async throws -> ManagementAnswer {
        if let query = try request.runQuery(limit: BulkRequest.stepRows) {
            let page = try await queue.searchRuns(query)
            let runs = page.rows.map(\.id)
            guard case .replay(let mode, let repeats) = request.action else {
                let report = try await queue.cancel(Cancellation(runs: runs))
                let done = report.runs.union(report.endingRuns)
                return ManagementRoutes.done(done.count, page, refusals: ManagementRoutes.left(runs, done))
            }
            let replays = runs.map {
                RunReplay(run: $0, mode: mode, newRun: ids.next(), version: nil, repeats: repeats)
            }
            return ManagementRoutes.done(page, runs, try await queue.replay(replays))
        }
        let page = try await queue.searchEffects(try request.effectQuery(limit: BulkRequest.stepRows))
        let effects = page.rows.map(\.effect.id)
        guard case .resolve(let choice) = request.action else {
            let report = try await queue.cancel(Cancellation(outputs: effects))
            let done = report.outputs.union(report.endingOutputs)
            return ManagementRoutes.done(done.count, page, refusals: ManagementRoutes.left(effects, done))
        }
        let resolutions = effects.map { EffectResolution(effect: $0, choice: choice) }
        return ManagementRoutes.done(page, effects, try await queue.resolve(resolutions))
    }

    /// What a cancellation found to be over.
    private static func left<Subject>(
        _ asked: [Identifier<Subject>], _ done: Set<Identifier<Subject>>
    ) -> [(id: String, why: String)] {
        asked.filter { !done.contains($0) }.map { ($0.description, "it was over before") }
    }

    private static func done<Row, Subject, Value>(
        _ page: SearchPage<Row, Subject>, _ asked: [Identifier<Subject>], _ results: [Result<Value, QueueError>]
    ) -> ManagementAnswer {
        let refusals = zip(asked, results).compactMap { id, result -> (id: String, why: String)? in
            guard case .failure(let error) = result else { return nil }
            return (id.description, error.message)
        }
        return done(results.count - refusals.count, page, refusals: refusals)
    }

    private static func done<Row, Subject>(
        _ count: Int, _ page: SearchPage<Row, Subject>, refusals: [(id: String, why: String)]
    ) -> ManagementAnswer {
        let shown = refusals.prefix(shownRefusals).map { refusal -> JSON in
            ["id": .string(refusal.id), "why": .string(refusal.why)]
        }
        var answer = JSONObject([
            ("done", .integer(Int64(count))), ("refused", .integer(Int64(refusals.count))),
            ("refusals", .array(shown)), ("scanned", .integer(Int64(page.scanned))),
        ])
        if let next = page.next { answer.append("next", .string(next.description)) }
        return ManagementAnswer(.object(answer))
    }

    // MARK: One by one

    /// Cancels one run or output.
    func cancel(_ kind: String, _ id: String) async throws -> ManagementAnswer {
        var cancellation = Cancellation()
        if kind == "runs" {
            guard let run = Identifier<Run>(id), try await queue.run(run) != nil else {
                return ManagementAnswer(problem: 404, "there is no run \(id)")
            }
            cancellation.runs = [run]
        } else {
            guard let effect = Identifier<Effect>(id), try await queue.effect(effect) != nil else {
                return ManagementAnswer(problem: 404, "there is no effect \(id)")
            }
            cancellation.outputs = [effect]
        }
        let report = try await queue.cancel(cancellation)
        guard !report.isEmpty else {
            return ManagementAnswer(problem: 409, "\(id) is over, and nothing of it waits: there is nothing to cancel")
        }
        let isEnding = !report.endingRuns.isEmpty || !report.endingOutputs.isEmpty
        let answer = try await show(kind, id)
        return ManagementAnswer(
            answer.document.with("ending", .bool(isEnding))
                .with("cancelled_outputs", .integer(Int64(report.outputs.count))))
    }
}
