import GrapnelCore

/// Finds parked runs and outputs by what they wait for, and runs by the version that they wait with.
struct ParkedWork {
    private let runs: Statement
    private let runsWaitingFor: Statement
    private let outputs: Statement
    private let waiting: Statement
    private let parked: Statement

    init(_ connection: OpaquePointer) throws {
        runs = try Statement(
            "SELECT id FROM run WHERE state = 5 AND park_reason = ? AND recipe = ? ORDER BY id LIMIT ?", on: connection)
        runsWaitingFor = try Statement(
            "SELECT id FROM run WHERE state = 5 AND park_reason = ? AND waits_for = ? ORDER BY id LIMIT ?",
            on: connection)
        outputs = try Statement(
            """
            SELECT effect FROM outcome WHERE delivery = 5 AND park_reason = ? AND connection = ? ORDER BY effect LIMIT ?
            """, on: connection)
        waiting = try Statement(
            "SELECT id FROM run WHERE state <= 1 AND recipe = ? AND version <> ? LIMIT ?", on: connection)
        parked = try Statement(
            "SELECT id FROM run WHERE state = 5 AND park_reason = ? AND recipe = ? AND version <> ? LIMIT ?",
            on: connection)
    }

    /// The oldest runs of a recipe that wait for this.
    func runs(_ reason: ParkReason, recipe: String, limit: Int) throws -> [Identifier<Run>] {
        try runs.add(reason).add(recipe).add(limit).all { try $0.identifier() }
    }

    /// The oldest runs that wait for this source or connection; without a name, for the world outside.
    func runs(_ reason: ParkReason, waitingFor name: String, limit: Int) throws -> [Identifier<Run>] {
        try runsWaitingFor.add(reason).add(name).add(limit).all { try $0.identifier() }
    }

    /// The oldest outputs of a connection that wait for this.
    func outputs(_ reason: ParkReason, connection: String, limit: Int) throws -> [Identifier<Effect>] {
        try outputs.add(reason).add(connection).add(limit).all { try $0.identifier() }
    }

    /// Runs of a recipe that wait, or are parked, with another version than this.
    func runs(of recipe: String, without version: RecipeVersion, limit: Int) throws -> [Identifier<Run>] {
        var found: [Identifier<Run>] = try waiting.add(recipe).add(version).add(limit).all { try $0.identifier() }
        for reason in ParkReason.stored where found.count < limit {
            found += try parked.add(reason).add(recipe).add(version).add(limit - found.count)
                .all { try $0.identifier() }
        }
        return found
    }
}
