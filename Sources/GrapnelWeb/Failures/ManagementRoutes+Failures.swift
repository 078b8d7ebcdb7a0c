import GrapnelCore
import GrapnelQueue

extension ManagementRoutes {
    /// What `before` is when the runs are through and the outputs begin.
    private static var outputsBegin: String { "outputs" }

    /// Groups a page of what has stopped and that nobody has seen to: dead and parked runs first, then outputs. Whoever
    /// asks adds up the groups of the pages.
    func failures(_ text: Substring) async throws -> ManagementAnswer {
        let query = try ListQuery(text, filters: ListQuery.failureFilters)
        let before = query.text("before")
        let isOfOutputs = query.text("connection") != nil || query.text("operation") != nil
        if isOfOutputs || before == ManagementRoutes.outputsBegin || before?.hasPrefix(Effect.identifierPrefix) == true
        {
            return try await stoppedOutputs(query)
        }
        return try await stoppedRuns(query)
    }

    private func stoppedRuns(_ query: ListQuery) async throws -> ManagementAnswer {
        var wanted = try query.runQuery(now: clock.now())
        wanted.states = [.dead, .parked]
        wanted.isWithoutReplay = true
        let page = try await queue.searchRuns(wanted)
        let failures = page.rows.map { run in
            (
                key: FailureGroup.Key(
                    subject: .run, name: run.recipe, state: run.state,
                    reason: run.deadReason?.rawValue ?? run.parkReason?.rawValue ?? "",
                    error: FailurePattern.text(of: run.error ?? "")),
                id: run.id.description, at: run.finishedAt ?? run.createdAt
            )
        }
        return ManagementRoutes.groups(
            failures, scanned: page.scanned, next: page.next?.description ?? ManagementRoutes.outputsBegin)
    }

    private func stoppedOutputs(_ query: ListQuery) async throws -> ManagementAnswer {
        var wanted = try query.effectQuery(
            now: clock.now(), isFromStart: query.text("before") == ManagementRoutes.outputsBegin)
        wanted.deliveryStates = [.dead, .parked]
        let page = try await queue.searchEffects(wanted)
        let failures = page.rows.compactMap { detail in
            detail.delivery.map { delivery in
                (
                    key: FailureGroup.Key(
                        subject: .output, name: "\(detail.effect.connection).\(detail.effect.operation)",
                        state: delivery.state,
                        reason: delivery.deadReason?.rawValue ?? delivery.parkReason?.rawValue ?? "",
                        error: FailurePattern.text(of: detail.effect.failure?.message ?? "")),
                    id: detail.effect.id.description, at: detail.effect.settledAt ?? detail.effect.createdAt
                )
            }
        }
        return ManagementRoutes.groups(failures, scanned: page.scanned, next: page.next?.description)
    }

    private static func groups(
        _ failures: [(key: FailureGroup.Key, id: String, at: Timestamp)], scanned: Int, next: String?
    ) -> ManagementAnswer {
        var groups: [FailureGroup] = []
        var places: [FailureGroup.Key: Int] = [:]
        for failure in failures {
            let place = places[failure.key] ?? groups.count
            if place == groups.count {
                places[failure.key] = place
                groups.append(FailureGroup(failure.key, example: failure.id, at: failure.at))
            }
            groups[place].add(at: failure.at)
        }
        var answer = JSONObject([
            ("failures", .array(groups.map(\.document))), ("scanned", .integer(Int64(scanned))),
        ])
        if let next { answer.append("next", .string(next)) }
        return ManagementAnswer(.object(answer))
    }
}
