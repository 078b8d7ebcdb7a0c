package import GrapnelCore

/// What a database file says of itself.
package struct DatabaseFacts: Sendable, Hashable {
    /// The migrations that made its schema, in their order.
    package var schema: [String]
    /// The migrations among them that this version does not know.
    package var unknownSchema: [String]
    package var events: Int
    package var runs: Int
    package var effects: Int
    /// The event that was stored last.
    package var lastEvent: Identifier<Event>?
    /// When that event was received.
    package var lastEventAt: Timestamp?
    /// How often this database was restored from a backup.
    package var restoreEpoch: Int64
    package var bytes: Int
}
