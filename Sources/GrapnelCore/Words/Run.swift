/// One event handled by one recipe.
package struct Run: Sendable, Hashable, IdentifiedSubject {
    package static let identifierPrefix = "run"

    package var id: Identifier<Run>
    package var tenant: TenantID
    package var event: Identifier<Event>
    package var recipe: String
    package var version: RecipeVersion
    /// The first run of its line of replays: the scope of its effects. Its own id unless it is a `replay --missing`.
    package var origin: Identifier<Run>
    /// The run that a human replayed.
    package var replayOf: Identifier<Run>?
    package var state: WorkState
    package var deadReason: DeadReason?
    package var parkReason: ParkReason?
    package var counters: WorkCounters
    /// When it is due, while it waits.
    package var dueAt: Timestamp?
    package var createdAt: Timestamp
    /// The moment that it was planned for, by a person or by the handler that emitted its event.
    package var plannedFor: Timestamp?
    package var finishedAt: Timestamp?
    /// What the handler returned, as JSON text.
    package var result: [UInt8]?
    /// The message of the last failure.
    package var error: String?
    /// The line of a key that it stands in.
    package var lane: RunFlow.Lane?
    /// The run whose events it handles together: itself, or the first of its line of replays; `nil` for one event.
    package var batch: Identifier<Run>?

    package init(
        id: Identifier<Run>, tenant: TenantID, event: Identifier<Event>, recipe: String, version: RecipeVersion,
        origin: Identifier<Run>, replayOf: Identifier<Run>? = nil, state: WorkState, deadReason: DeadReason? = nil,
        parkReason: ParkReason? = nil, counters: WorkCounters = WorkCounters(), dueAt: Timestamp? = nil,
        createdAt: Timestamp, plannedFor: Timestamp? = nil, finishedAt: Timestamp? = nil, result: [UInt8]? = nil,
        error: String? = nil,
        lane: RunFlow.Lane? = nil, batch: Identifier<Run>? = nil
    ) {
        self.id = id
        self.tenant = tenant
        self.event = event
        self.recipe = recipe
        self.version = version
        self.origin = origin
        self.replayOf = replayOf
        self.state = state
        self.deadReason = deadReason
        self.parkReason = parkReason
        self.counters = counters
        self.dueAt = dueAt
        self.createdAt = createdAt
        self.plannedFor = plannedFor
        self.finishedAt = finishedAt
        self.result = result
        self.error = error
        self.lane = lane
        self.batch = batch
    }
}
