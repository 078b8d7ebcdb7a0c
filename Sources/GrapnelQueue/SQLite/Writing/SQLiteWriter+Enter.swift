import GrapnelCore

extension SQLiteWriter {
    /// A run on its way into the queue.
    struct Arrival {
        /// Ready, as if nothing kept it; it is not due before it was planned for.
        var run: Run
        var generation: Int64 = 0
        var flow: RunFlow
        /// The source whose pause holds it.
        var heldBy: String?
        /// The lease when this node has a place for it; `nil` when it waits for a claim.
        var lease: Duration?
        /// What the bodies of its event take up.
        var bytes = 0
    }

    /// What became of an arrival.
    enum Entry {
        /// Stored, and leased by this node.
        case leased(Run)
        /// Stored in this state; it waits for its time, its line, a node or the end of a pause.
        case waits(WorkState)
        /// Its event joined the batch of this run, and there is no run of its own.
        case joined(Identifier<Run>)
    }

    /// Stores a run where its flow lets it stand, or adds its event to a run that gathers.
    func enter(_ arrival: Arrival, now: Timestamp) throws -> Entry {
        var run = arrival.run
        let flow = arrival.flow
        var standing = RunTable.Standing()
        var due = now + max(flow.delay, .zero)
        let isPlanned = run.plannedFor.map { $0 > now } ?? false
        switch flow.gathering {
        case .batch where isPlanned:
            // It waits for a moment of its own, and for no other event.
            run.batch = run.id
            try gatherings.join(run.event, batch: run.id, ordinal: 0)
        case .debounce where isPlanned, nil: break
        case .batch(let key, let size, let bytes, let within):
            let place = GatheringTable.Place(key, of: run, heldBy: arrival.heldBy)
            let rule = BatchRule(place: place, size: size, bytes: bytes.bytes, within: within)
            if let batch = try join(arrival, rule, now: now) { return .joined(batch) }
            run.batch = run.id
            due = try open(arrival, rule, now: now)
        case .debounce(let key, let quiet, let atMost):
            let place = GatheringTable.Place(key, of: run, heldBy: arrival.heldBy)
            due = try supersede(by: run, at: place, quiet: quiet, atMost: atMost, now: now)
        }
        due = max(due, run.plannedFor ?? due)
        if let rate = flow.rate {
            standing.rate = rate
            // What a pause holds takes its turn when it wakes.
            if arrival.heldBy == nil {
                due = try rates.take(rate, tenant: run.tenant, recipe: run.recipe, from: due, now: now)
            }
        }
        if due > now { standing.notBefore = due }
        run.lane = flow.lane
        let isHeld = try queueUp(&standing, run, due: due, now: now)
        if isHeld {
            run.state = .scheduled
            run.dueAt = .never
        } else if due > now {
            run.state = .scheduled
            run.dueAt = due
        } else if let lease = arrival.lease {
            run.state = .leased
            run.dueAt = nil
            try runs.insert(
                run, generation: arrival.generation, standing: standing, lease: leaseClock.now() + lease, epoch: epoch)
            counters.add(.run(.leased))
            return .leased(run)
        }
        try runs.insert(run, generation: arrival.generation, standing: standing, lease: nil, epoch: epoch)
        if let source = arrival.heldBy {
            try runs.park(run.id, .sourcePaused, waitingFor: source)
            run.state = .parked
        } else {
            hasMadeWork = true
        }
        counters.add(.run(run.state))
        return .waits(run.state)
    }

    /// Gives the run its place in its line; returns whether it must wait for others there.
    private func queueUp(
        _ standing: inout RunTable.Standing, _ run: Run, due: Timestamp, now: Timestamp
    ) throws -> Bool {
        guard let lane = run.lane, let line = LaneTable.Line(run) else { return false }
        guard let limit = lane.limit else {
            let last = try lanes.lastTicket(of: line)
            standing.ticket = (last ?? 0) + 1
            return last != nil
        }
        // One that is not due yet asks for its place when it is claimed.
        guard due <= now else { return false }
        return try lanes.taken(of: line, most: limit) >= limit || lanes.firstHeld(of: line) != nil
    }

    // MARK: Gathering

    private struct BatchRule {
        var place: GatheringTable.Place
        var size: Int
        var bytes: Int
        var within: Duration
    }

    /// Adds the event to the run that gathers for its key; `nil` when there is none that takes it.
    private func join(_ arrival: Arrival, _ rule: BatchRule, now: Timestamp) throws -> Identifier<Run>? {
        guard var open = try gatherings.open(rule.place, now: now) else { return nil }
        guard open.events < rule.size, open.bytes + arrival.bytes <= rule.bytes else {
            try complete(open, rule, now: now)
            return nil
        }
        try gatherings.join(arrival.run.event, batch: open.run, ordinal: open.events)
        open.events += 1
        open.bytes += arrival.bytes
        if open.events < rule.size {
            try gatherings.set(open, rule.place)
        } else {
            try complete(open, rule, now: now)
        }
        return open.run
    }

    /// Begins a batch with the event of a new run; returns when the run is due.
    private func open(_ arrival: Arrival, _ rule: BatchRule, now: Timestamp) throws -> Timestamp {
        let run = arrival.run
        try gatherings.join(run.event, batch: run.id, ordinal: 0)
        guard rule.size > 1, arrival.bytes < rule.bytes else { return now }
        let closesAt = now + rule.within
        try gatherings.set(
            GatheringTable.Open(run: run.id, since: now, closesAt: closesAt, events: 1, bytes: arrival.bytes),
            rule.place)
        return closesAt
    }

    /// Lets a run that has gathered enough start, as soon as its line lets it.
    private func complete(_ open: GatheringTable.Open, _ rule: BatchRule, now: Timestamp) throws {
        try gatherings.close(rule.place)
        guard let waiting = try runs.find(open.run) else { return }
        try runs.setNotBefore(waiting.id, nil)
        guard waiting.state == .scheduled, waiting.dueAt != .never else { return }
        try lanes.setDue(waiting.id, .ready, at: now)
        counters.moveRun(from: waiting.state, to: .ready)
        hasMadeWork = true
    }

    /// Ends the run that waits there for a quiet time, since this one takes its place; returns when this one is
    /// due.
    private func supersede(
        by run: Run, at place: GatheringTable.Place, quiet: Duration, atMost: Duration?, now: Timestamp
    ) throws -> Timestamp {
        let open = try gatherings.open(place, now: now)
        if let open, var waiting = try runs.find(open.run) {
            waiting.error = "superseded by \(run.id): another event of the same key came before it was quiet"
            try self.place(waiting, WorkPlacement(cancelledAt: now))
        }
        // One that began later than now began by a clock that was ahead.
        let since = min(open?.since ?? now, now)
        let due = atMost.map { min(now + quiet, since + $0) } ?? now + quiet
        try gatherings.set(
            GatheringTable.Open(run: run.id, since: since, closesAt: due, events: 1, bytes: 0), place)
        return due
    }
}
