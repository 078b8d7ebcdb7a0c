package import GrapnelCore

/// Which events, or runs and effects of which events.
package struct EventFilter: Sendable {
    package var source: String?
    /// The exact type, or a pattern with `*` at a dot.
    package var type: String?
    /// Bytes that must stand somewhere in the body, the query or the headers.
    package var containing: [UInt8]?
    /// Asked about each event that fits the rest.
    package var matches: (@Sendable (Event) -> Bool)?

    package init(
        source: String? = nil, type: String? = nil, containing: [UInt8]? = nil,
        matches: (@Sendable (Event) -> Bool)? = nil
    ) {
        self.source = source
        self.type = type
        self.containing = containing
        self.matches = matches
    }

    /// Whether every event fits.
    package var isEmpty: Bool { source == nil && type == nil && containing == nil && matches == nil }
}
