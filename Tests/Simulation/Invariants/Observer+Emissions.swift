import GrapnelCore

extension Observer {
    /// What runs have emitted.
    struct Emissions {
        /// The names of all emitted events; of those that were deleted as well.
        var names: Set<String> = []
        /// Events that the commit which is looked at has stored.
        var stored: [(event: String, delivery: String)] = []
        /// What the runs that it ended well emitted.
        var committed: [String: [String]] = [:]
    }

    /// An emitted event is stored.
    func emissionMade(_ id: String, delivery: String) {
        guard let event = events[id] else { return }
        require(
            emissions.names.insert("\(event.tenant) \(delivery)").inserted, .emittedOnce,
            "\(delivery) was emitted twice")
        if delivery.split(separator: "/").last?.hasPrefix("later") ?? false {
            events[id]?.delay = HandlerProgram.emissionDelay - (wall - event.receivedAt)
        }
        emissions.stored.append((id, delivery))
    }

    /// At the end of a commit: what it stored was emitted by what it ended well, and all of that was stored.
    func checkEmissions() {
        for (id, delivery) in emissions.stored {
            guard let event = events[id] else { continue }
            let cause = event.cause ?? ""
            let words = delivery.split(separator: "/").map(String.init)
            require(
                emissions.committed[cause]?.contains(words.last ?? "") ?? false, .emittedByWhatCommitted,
                "\(delivery) was emitted by a run that did not end well with it")
            let before = runs[cause].flatMap { events[$0.event]?.depth } ?? -1
            require(
                event.depth == before + 1 && event.depth <= SimulatedDefinitions.depth, .chainsEnd,
                "\(delivery) is the event number \(event.depth) that led to one another, after number \(before)")
        }
        for (run, steps) in emissions.committed {
            guard let known = runs[run], let origin = Identifier<Run>(digits: known.origin) else { continue }
            for step in steps {
                require(
                    emissions.names.contains("\(known.tenant) \(origin)/\(step)"), .emittedByWhatCommitted,
                    "run \(run) emitted \(step), and it is not stored")
            }
        }
        emissions.stored = []
        emissions.committed = [:]
    }
}
