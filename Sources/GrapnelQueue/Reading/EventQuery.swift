package import GrapnelCore

/// Which events to list.
package struct EventQuery: Sendable {
    package var event: EventFilter
    /// Received at this time or later.
    package var since: Timestamp?
    /// Received before this time.
    package var until: Timestamp?
    package var onlyConflicts: Bool
    /// Only those that this run emitted.
    package var cause: Identifier<Run>?
    /// Only events older than this one: the last id of the page before.
    package var before: Identifier<Event>?
    /// Default 50, at most 1,000.
    package var limit: Int
    /// The most rows that one page looks at. Default 5,000, at most 100,000.
    package var scan: Int

    package init(
        source: String? = nil, type: String? = nil, containing: [UInt8]? = nil,
        matches: (@Sendable (Event) -> Bool)? = nil, since: Timestamp? = nil, until: Timestamp? = nil,
        onlyConflicts: Bool = false, cause: Identifier<Run>? = nil, before: Identifier<Event>? = nil,
        limit: Int = 50, scan: Int = 5000
    ) {
        event = EventFilter(source: source, type: type, containing: containing, matches: matches)
        self.since = since
        self.until = until
        self.onlyConflicts = onlyConflicts
        self.cause = cause
        self.before = before
        self.limit = limit
        self.scan = scan
    }
}
