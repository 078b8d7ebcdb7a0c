import GRDBSQLite

/// Who moves the log into the database.
package enum CheckpointOwner: Sendable, Hashable {
    /// The connection that writes, and nobody else.
    case own
    /// Another program, such as Litestream, with a connection of its own.
    case external

    /// The first SQLite in which a second connection may checkpoint while one writes. Older ones, from 3.7.0 on, can lose
    /// commits that were answered when both happen at the same moment (https://www.sqlite.org/releaselog/3_51_3.html).
    static let leastVersionForExternal: Int32 = 3_051_003

    /// The SQLite that this program runs with, such as `3.51.3`.
    package static var libraryVersion: String { String(cString: sqlite3_libversion()) }

    /// Whether this SQLite is safe for `external`.
    package static var allowsExternal: Bool { sqlite3_libversion_number() >= leastVersionForExternal }

    /// Refuses what this SQLite cannot do.
    ///
    /// - Parameter version: As `sqlite3_libversion_number` has it.
    package func check(version: Int32 = sqlite3_libversion_number()) throws(QueueError) {
        guard self == .external, version < CheckpointOwner.leastVersionForExternal else { return }
        throw QueueError(
            .unusable,
            "database_checkpoints: external lets a second program checkpoint, which SQLite \(version / 1_000_000)."
                + "\(version / 1000 % 1000).\(version % 1000) can answer with the loss of events: it needs 3.51.3 or newer. "
                + "Remove the key, and use grapnel backup --follow in place of Litestream")
    }
}
