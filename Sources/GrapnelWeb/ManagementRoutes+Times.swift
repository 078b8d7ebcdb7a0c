import GrapnelCore
import GrapnelQueue

/// What time does and what waits: schedules, planned runs, quarantines, runs that a person lets go on.
extension ManagementRoutes {
    /// The longest time ahead that `in` may say; the hub refuses what is too far.
    private static let longest = Duration.seconds(100 * 366 * 86_400)

    func schedules() async throws -> ManagementAnswer {
        let planned = try await control.plannedRuns(limit: ListQuery.greatestLimit).map { ManagementDocuments.run($0) }
        return ManagementAnswer(["schedules": .array(try await control.schedules()), "planned": .array(planned)])
    }

    /// Plans a run: `{ at: time }` or `{ in: duration }`, and optionally `body`.
    func plan(_ recipe: String, _ document: JSON) async throws -> ManagementAnswer {
        let at: Timestamp
        if let text = document["at"]?.string {
            guard let moment = Timestamp(rfc3339: text) else {
                return ManagementAnswer(problem: 400, "at is a time such as 2026-12-24T09:00:00Z, not \"\(text)\"")
            }
            at = moment
        } else if let text = document["in"]?.string {
            guard let wait = Duration(text: text), wait <= ManagementRoutes.longest else {
                return ManagementAnswer(problem: 400, "in is a duration such as 30s, 5m, 2h or 7d, not \"\(text)\"")
            }
            at = control.now + wait
        } else {
            return ManagementAnswer(problem: 400, "say when: at with a time, or in with a duration")
        }
        let run = try await control.plan(recipe, at: at, body: document["body"])
        return ManagementAnswer(["id": .string(run.description), "due_at": .string(at.description)])
    }

    func release(recipe: String) async throws -> ManagementAnswer {
        let count = try await control.release(recipe)
        guard count > 0 else {
            return ManagementAnswer(problem: 409, "no version of \(recipe) is in quarantine")
        }
        return ManagementAnswer(["recipe": .string(recipe), "released": .integer(Int64(count))])
    }

    func retry(_ id: String) async throws -> ManagementAnswer {
        guard let run = Identifier<Run>(id) else { return ManagementAnswer(problem: 404, "there is no run \(id)") }
        try await queue.retry(run)
        return ManagementAnswer(["id": .string(id)])
    }

    /// Moves one run to the active version of its recipe.
    func move(run id: String) async throws -> ManagementAnswer {
        guard let run = Identifier<Run>(id), let detail = try await queue.run(run) else {
            return ManagementAnswer(problem: 404, "there is no run \(id)")
        }
        return try await move(.run(run), recipe: detail.run.recipe)
    }

    /// Moves every run of a recipe that waits, or is parked, to the active version.
    func move(recipe: String) async throws -> ManagementAnswer {
        try await move(.recipe(recipe), recipe: recipe)
    }

    private func move(_ subject: RunMove.Subject, recipe: String) async throws -> ManagementAnswer {
        guard let version = control.activeVersion(ofRecipe: recipe) else {
            return ManagementAnswer(problem: 409, "there is no recipe \(recipe) now, so it has no active version")
        }
        var count = 0
        var rest: RunMove.Subject? = subject
        while let subject = rest {
            let report = try await queue.move(RunMove(subject, to: version))
            count += report.count
            rest = report.next.map { .recipe(recipe, from: $0) }
        }
        return ManagementAnswer(["version": .string(version.hash), "moved": .integer(Int64(count))])
    }

    /// Why a run waits that is parked because of its version.
    func quarantine(of run: Run) async throws -> JSON? {
        guard run.parkReason == .quarantined else { return nil }
        let known = try await queue.quarantines().filter { $0.recipe == run.recipe }
        return (known.first { $0.version == run.version } ?? known.last).map { ManagementDocuments.quarantine($0) }
    }
}
