import GrapnelCore
import GrapnelQueue

extension ManagementRoutes {
    /// The most events that are shown below a run or an event, all generations together.
    private static let mostEmitted = 200

    /// What led to an event, the nearest first: runs, each with the event that it handled.
    func causes(of event: Event) async throws -> JSON {
        .array(
            try await queue.causes(of: event).map { cause in
                [
                    "run": .string(cause.run.id.description), "recipe": .string(cause.run.recipe),
                    "state": .string(cause.run.state.rawValue), "event": .string(cause.event.id.description),
                    "source": .string(cause.event.source), "type": .string(cause.event.type),
                ]
            })
    }

    /// The events that a run emitted, oldest first, each with its runs and what they emitted.
    func emitted(by run: Identifier<Run>) async throws -> JSON {
        var room = ManagementRoutes.mostEmitted
        return try await emitted(by: run, room: &room)
    }

    private func emitted(by run: Identifier<Run>, room: inout Int) async throws -> JSON {
        guard room > 0 else { return [] }
        let events = try await queue.events(EventQuery(cause: run, limit: room))
        room -= events.count
        var documents: [JSON] = []
        for stored in events.reversed() {
            var runs: [JSON] = []
            if stored.runs > 0 {
                for run in try await queue.runs(of: stored.event.id) {
                    var document = ManagementDocuments.run(run)
                    let further = try await emitted(by: run.id, room: &room)
                    if further != [] { document = document.with("emitted", further) }
                    runs.append(document)
                }
            }
            documents.append([
                "id": .string(stored.event.id.description), "source": .string(stored.event.source),
                "type": .string(stored.event.type), "received_at": .string(stored.event.receivedAt.description),
                "conflict_of": stored.event.conflictOf.map { .string($0.description) } ?? .null,
                "runs": .array(runs),
            ])
        }
        return .array(documents)
    }
}
