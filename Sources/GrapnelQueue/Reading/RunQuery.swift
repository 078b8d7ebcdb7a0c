package import GrapnelCore

/// Which runs to list.
package struct RunQuery: Sendable {
    package var recipe: String?
    /// Any of these; empty means all.
    package var states: Set<WorkState>
    /// Dead for any of these reasons, or parked for any of `parkReasons`; both empty means all.
    package var deadReasons: Set<DeadReason>
    package var parkReasons: Set<ParkReason>
    /// What the last failure says somewhere, in either case; `…` stands for anything.
    package var error: String?
    /// Made at this time or later.
    package var since: Timestamp?
    /// Made before this time.
    package var until: Timestamp?
    /// Only those that were made, and over if they are, by this time: a set that does not grow.
    package var asOf: Timestamp?
    /// Only runs that nobody has replayed.
    package var isWithoutReplay: Bool
    package var event: EventFilter
    package var order: ListOrder
    /// Only runs older than this one: where a list that begins with the newest goes on.
    package var before: Identifier<Run>?
    /// Only runs younger than this one: where a list that begins with the oldest goes on.
    package var after: Identifier<Run>?
    /// Default 50, at most 1,000.
    package var limit: Int
    /// The most rows that one page looks at. Default 5,000, at most 100,000.
    package var scan: Int

    package init(
        recipe: String? = nil, states: Set<WorkState> = [], deadReasons: Set<DeadReason> = [],
        parkReasons: Set<ParkReason> = [], error: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil,
        asOf: Timestamp? = nil, isWithoutReplay: Bool = false, event: EventFilter = EventFilter(),
        order: ListOrder = .newestFirst, before: Identifier<Run>? = nil, after: Identifier<Run>? = nil,
        limit: Int = 50, scan: Int = 5000
    ) {
        self.recipe = recipe
        self.states = states
        self.deadReasons = deadReasons
        self.parkReasons = parkReasons
        self.error = error
        self.since = since
        self.until = until
        self.asOf = asOf
        self.isWithoutReplay = isWithoutReplay
        self.event = event
        self.order = order
        self.before = before
        self.after = after
        self.limit = limit
        self.scan = scan
    }

    /// Begins after the last row of the page before.
    package mutating func go(on next: Identifier<Run>) {
        if order == .newestFirst { before = next } else { after = next }
    }
}
