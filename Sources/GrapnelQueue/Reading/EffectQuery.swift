package import GrapnelCore

/// Which effects to list.
package struct EffectQuery: Sendable {
    package var connection: String?
    package var operation: String?
    package var recipe: String?
    /// Any of these; empty means all.
    package var states: Set<EffectState>
    /// Only outputs in these delivery states; empty means all effects.
    package var deliveryStates: Set<WorkState>
    /// Only what waits for a person: outputs that are parked, and unknown calls whose run is.
    package var awaitsDecision: Bool
    /// Outputs dead for any of these reasons, or parked for any of `parkReasons`; both empty means all.
    package var deadReasons: Set<DeadReason>
    package var parkReasons: Set<ParkReason>
    /// What the failure says somewhere, in either case; `…` stands for anything.
    package var error: String?
    /// Made at this time or later.
    package var since: Timestamp?
    /// Made before this time.
    package var until: Timestamp?
    /// Only those that were made, and last heard of, by this time: a set that does not grow.
    package var asOf: Timestamp?
    package var event: EventFilter
    package var order: ListOrder
    /// Only effects older than this one: where a list that begins with the newest goes on.
    package var before: Identifier<Effect>?
    /// Only effects younger than this one: where a list that begins with the oldest goes on.
    package var after: Identifier<Effect>?
    /// Default 50, at most 1,000.
    package var limit: Int
    /// The most rows that one page looks at. Default 5,000, at most 100,000.
    package var scan: Int

    package init(
        connection: String? = nil, operation: String? = nil, recipe: String? = nil, states: Set<EffectState> = [],
        deliveryStates: Set<WorkState> = [], awaitsDecision: Bool = false, deadReasons: Set<DeadReason> = [],
        parkReasons: Set<ParkReason> = [],
        error: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil, asOf: Timestamp? = nil,
        event: EventFilter = EventFilter(), order: ListOrder = .newestFirst, before: Identifier<Effect>? = nil,
        after: Identifier<Effect>? = nil, limit: Int = 50, scan: Int = 5000
    ) {
        self.connection = connection
        self.operation = operation
        self.recipe = recipe
        self.states = states
        self.deliveryStates = deliveryStates
        self.awaitsDecision = awaitsDecision
        self.deadReasons = deadReasons
        self.parkReasons = parkReasons
        self.error = error
        self.since = since
        self.until = until
        self.asOf = asOf
        self.event = event
        self.order = order
        self.before = before
        self.after = after
        self.limit = limit
        self.scan = scan
    }

    /// Begins after the last row of the page before.
    package mutating func go(on next: Identifier<Effect>) {
        if order == .newestFirst { before = next } else { after = next }
    }
}
