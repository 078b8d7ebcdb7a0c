/// Gives prepared statements: a reader's, or the writer's own.
struct ErasureStatements {
    let statement: (String) throws -> Statement

    /// Those of a state that a reader sees.
    init(_ snapshot: Snapshot) {
        statement = { try snapshot.statement($0) }
    }

    /// Those of the connection that writes, prepared anew for each use: erasing is seldom.
    init(_ connection: OpaquePointer) {
        statement = { try Statement($0, on: connection) }
    }
}
