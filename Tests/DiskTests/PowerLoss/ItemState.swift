import GrapnelCore
import GrapnelQueue

/// Everything that the queue knows about one event: what a power cut must leave whole.
struct ItemState: Sendable, Hashable {
    var event: StoredEvent?
    var runs: [RunDetail] = []
    var entry: KeyValueEntry?

    static let absent = ItemState()

    init() {}

    init(of item: Item, in queue: any QueueReader) async throws {
        event = try await queue.event(item.event)
        for run in try await queue.runs(of: item.event) {
            if let detail = try await queue.run(run.id) { runs.append(detail) }
        }
        entry = try await queue.keyValue(tenant: .default, recipe: Item.recipe, key: item.key)
    }

    /// How far it has come, in words.
    var summary: String {
        guard event != nil else { return "absent" }
        let states = runs.map { run in
            let effects = run.effects.map { "\($0.effect.state)/\($0.delivery.map { "\($0.state)" } ?? "call")" }
            return "\(run.run.state) with \(run.attempts.count) attempts and effects \(effects)"
        }
        return "\(states), entry \(entry?.version ?? 0)"
    }
}
