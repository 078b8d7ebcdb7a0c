import GrapnelCore

/// Kept counters: a row each, changed once a commit.
struct CounterTable {
    private let addition: Statement

    init(_ connection: OpaquePointer) throws {
        addition = try Statement(
            "INSERT INTO counter (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = value + ?2",
            on: connection)
    }

    /// Adds what the writes of a commit changed.
    func add(_ deltas: CounterDeltas) throws {
        guard deltas.hasChanges else { return }
        for (index, delta) in deltas.values.enumerated() where delta != 0 {
            try addition.add(Counter.all[index].name).add(delta).run()
        }
    }

    /// The counters that these rows of name and value hold.
    static func counts(_ values: [String: Int]) -> QueueCounts {
        func value(_ counter: Counter) -> Int { values[counter.name] ?? 0 }
        var counts = QueueCounts(
            requests: value(.requests), events: value(.events), duplicates: value(.duplicates),
            conflicts: value(.conflicts), maybeDuplicates: value(.maybeDuplicates))
        for kind in RejectionKind.stored { counts.rejections[kind] = value(.rejection(kind)) }
        for state in WorkState.stored {
            counts.runs[state] = value(.run(state))
            counts.outputs[state] = value(.output(state))
        }
        for state in EffectState.stored { counts.effects[state] = value(.effect(state)) }
        return counts
    }
}
