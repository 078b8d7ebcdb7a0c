package import GrapnelCore
import GrapnelFormat

/// What a sending is part of: the roots `event` and `run` of templates, and the key of the effect.
package struct SendingContext: Sendable {
    package var idempotencyKey: String
    package var event: Identifier<Event>
    package var run: Identifier<Run>
    package var recipe: String
    /// Wall-clock time of this sending, for signatures.
    package var now: Timestamp

    package init(
        idempotencyKey: String, event: Identifier<Event>, run: Identifier<Run>, recipe: String, now: Timestamp
    ) {
        self.idempotencyKey = idempotencyKey
        self.event = event
        self.run = run
        self.recipe = recipe
        self.now = now
    }

    /// What templates may name of it.
    var roots: [String: ScopeValue] {
        [
            "event": .json(["id": .string("\(event)"), "received_at": .string("\(event.madeAt)")]),
            "run": .json(["id": .string("\(run)"), "recipe": .string(recipe)]),
        ]
    }
}
