import GrapnelCore

/// Finds parked runs and outputs by what they wait for, and runs by the version that they wait with.
struct ParkedWork {
    private let runs: Statement
    private let runsWaitingFor: Statement
    private let awaited: Statement
    private let outputs: Statement
    private let waiting: Statement
    private let parked: Statement

    init(_ connection: OpaquePointer) throws {
        runs = try Statement(
            "SELECT id FROM run WHERE state = 5 AND park_reason = ? AND recipe = ? ORDER BY id LIMIT ?", on: connection)
        runsWaitingFor = try Statement(
            "SELECT id FROM run WHERE state = 5 AND park_reason = ? AND waits_for = ? ORDER BY id LIMIT ?",
            on: connection)
        awaited = try Statement(
            """
            SELECT waits_for FROM run WHERE state = 5 AND park_reason = ? AND waits_for > ? ORDER BY waits_for LIMIT 1
            """, on: connection)
        outputs = try Statement(
            """
            SELECT effect FROM outcome WHERE delivery = 5 AND park_reason = ? AND connection = ? ORDER BY effect LIMIT ?
            """, on: connection)
        waiting = try Statement(
            """
            SELECT id, due_at FROM run WHERE state <= 1 AND recipe = ? AND (due_at, id) > (?, coalesce(?, x''))
            ORDER BY due_at, id LIMIT ?
            """, on: connection)
        parked = try Statement(
            """
            SELECT id FROM run WHERE state = 5 AND park_reason = ? AND recipe = ? AND id > coalesce(?, x'')
            ORDER BY id LIMIT ?
            """, on: connection)
    }

    /// The oldest runs of a recipe that wait for this.
    func runs(_ reason: ParkReason, recipe: String, limit: Int) throws -> [Identifier<Run>] {
        try runs.add(reason).add(recipe).add(limit).all { try $0.identifier() }
    }

    /// The oldest runs that wait for this source or connection; without a name, for the world outside.
    func runs(_ reason: ParkReason, waitingFor name: String, limit: Int) throws -> [Identifier<Run>] {
        try runsWaitingFor.add(reason).add(name).add(limit).all { try $0.identifier() }
    }

    /// What runs that are parked for one reason wait for, one name after another.
    func next(_ reason: ParkReason, after name: String) throws -> String? {
        try awaited.add(reason).add(name).first { $0.text() }
    }

    /// The oldest outputs of a connection that wait for this.
    func outputs(_ reason: ParkReason, connection: String, limit: Int) throws -> [Identifier<Effect>] {
        try outputs.add(reason).add(connection).add(limit).all { try $0.identifier() }
    }

    /// Runs of a recipe that wait, or are parked, from a place on; and where the next ones are.
    func runs(
        of recipe: String, from place: RunMove.Place, limit: Int
    ) throws -> (found: [Identifier<Run>], next: RunMove.Place?) {
        switch place {
        case .waiting(let due, let last):
            let found: [(id: Identifier<Run>, due: Timestamp)] =
                try waiting.add(recipe).add(due).add(last).add(limit).all { (try $0.identifier(), $0.timestamp()) }
            guard found.count == limit, let last = found.last else {
                return (found.map(\.id), ParkReason.stored.first.map { .parked($0, nil) })
            }
            return (found.map(\.id), .waiting(until: last.due, last.id))
        case .parked(let reason, let last):
            let found: [Identifier<Run>] =
                try parked.add(reason).add(recipe).add(last).add(limit).all { try $0.identifier() }
            guard found.count == limit, let last = found.last else {
                let later = ParkReason.stored.drop { $0 != reason }.dropFirst()
                return (found, later.first.map { .parked($0, nil) })
            }
            return (found, .parked(reason, last))
        }
    }
}
