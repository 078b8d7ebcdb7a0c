import GRDB
import GrapnelCore
import GrapnelQueue

extension Observer {
    /// Whether everything has come to its end.
    func isSettled() -> Bool {
        living == 0 && simulation.queries.living.first { $0.number(0) ?? 0 } == 0
    }

    /// What has not come to its end.
    func unsettled() throws -> String {
        try simulation.database.unsafeRead {
            let runs = try String.fetchAll(
                $0,
                sql: """
                    SELECT 'run ' || hex(id) || ' state ' || state || ', ' || coalesce(park_reason, '') || ', '
                        || coalesce(error, '') FROM run WHERE state IN (0, 1, 2, 5)
                    """)
            let outputs = try String.fetchAll(
                $0,
                sql: "SELECT 'output ' || hex(effect) || ' state ' || delivery FROM outcome WHERE delivery IN (0,1,2,5)"
            )
            return (runs + outputs).prefix(3).joined(separator: ", ")
        }
    }

    /// Compares the kept counters with the rows (I16).
    func checkCounts() throws {
        let (kept, counted) = try simulation.database.unsafeRead { database in
            func read(_ sql: String) throws -> [String: Int] {
                let pairs = try Row.fetchAll(database, sql: sql).map { ($0[0] as String, $0[1] as Int) }
                return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
            }
            let runs = ["scheduled", "ready", "leased", "succeeded", "dead", "parked", "cancelled"]
            let states = ["intended", "in_flight", "confirmed", "failed", "unknown"]
            var counted: [String: Int] = [:]
            for (index, count) in try read("SELECT CAST(state AS TEXT), COUNT(*) FROM run GROUP BY state") {
                counted["runs.\(runs[Int(index) ?? 0])"] = count
            }
            for (index, count) in try read(
                "SELECT CAST(delivery AS TEXT), COUNT(*) FROM outcome WHERE delivery IS NOT NULL GROUP BY delivery")
            {
                counted["outputs.\(runs[Int(index) ?? 0])"] = count
            }
            for (index, count) in try read("SELECT CAST(state AS TEXT), COUNT(*) FROM outcome GROUP BY state") {
                counted["effects.\(states[Int(index) ?? 0])"] = count
            }
            return (try read("SELECT name, value FROM counter"), counted)
        }
        for (name, count) in kept
        where ["runs.", "outputs.", "effects."].contains(where: { name.hasPrefix($0) }) && count != counted[name] ?? 0 {
            fail(.countersAreTrue, "the counter \(name) is \(count), and there are \(counted[name] ?? 0)")
        }
        for (name, count) in counted where kept[name] ?? 0 != count {
            fail(.countersAreTrue, "the counter \(name) is \(kept[name] ?? 0), and there are \(count)")
        }
    }

    /// What must hold in the end.
    func checkEnd(acked: Set<SimulatedSender.Delivery>) throws {
        for delivery in acked {
            let name = delivery.name
            let variants = Set(acked.filter { $0.name == name }.map(\.variant))
            require(
                (stored[name]?.events ?? 0) >= variants.count, .ackedIsStored,
                "the delivery \(name) was accepted and is not stored")
        }
        for (place, known) in sent where known.applied > 1 {
            guard let id = effects.first(where: { $0.value.place == place })?.key,
                effects[id]?.operation == "at_least_once", !isTouched(id)
            else { continue }
            let isMarked = try simulation.database.unsafeRead {
                try Bool.fetchOne(
                    $0, sql: "SELECT maybe_duplicate FROM outcome WHERE hex(effect) = ?", arguments: [id])
            }
            require(
                isMarked ?? true, .duplicatesAreMarked, "\(place.step) took place \(known.applied) times, unmarked")
        }
        let inFlight = try count("outcome WHERE state = 1")
        require(inFlight == 0, .storedBecomesTerminal, "\(inFlight) effects are in flight, and nobody sends them")
        if ratios.count >= 8 {
            require(Set(ratios).count > 1, .retriesAreSpread, "\(ratios.count) retries came all alike")
        }
        let values = try simulation.database.unsafeRead {
            try Row.fetchAll($0, sql: "SELECT tenant || ' ' || recipe, CAST(value AS TEXT) FROM kv WHERE key = 'runs'")
        }
        for row in values {
            let recipe: String = row[0]
            let count = Int(row[1] as String) ?? -1
            require(
                count == succeeded[recipe, default: 0], .storeCountsOnce,
                "\(recipe) has counted \(count) runs, and \(succeeded[recipe, default: 0]) have succeeded")
        }
        try checkCounts()
    }

    private func count(_ rows: String) throws -> Int {
        try simulation.database.unsafeRead { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM \(rows)") ?? 0 }
    }

    /// Whether a person who asks for the dead letters finds all of them (I15).
    func checkDeadLetters(_ queue: any QueueReader) async throws {
        var listed = 0
        var last: Identifier<Run>?
        while true {
            let page = try await queue.runs(RunQuery(states: [.dead], before: last, limit: 3))
            listed += page.count
            guard let oldest = page.last else { break }
            last = oldest.id
        }
        let outputs = try await queue.effects(EffectQuery(deliveryStates: [.dead], limit: 1000)).count
        let runs = try count("run WHERE state = 4")
        let effects = try count("outcome WHERE delivery = 4")
        require(listed == runs, .deadLettersAreListed, "\(listed) of \(runs) dead runs are listed")
        require(outputs == effects, .deadLettersAreListed, "\(outputs) of \(effects) dead outputs are listed")
    }
}
