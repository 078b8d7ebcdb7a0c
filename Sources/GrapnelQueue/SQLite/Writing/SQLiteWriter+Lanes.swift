import GrapnelCore

extension SQLiteWriter {
    /// Lets the line of a run that moved go on: the next of an ordered line when this one is over, another of a limited
    /// line when this one gave its place back.
    func advance(_ line: LaneTable.Line, _ lane: RunFlow.Lane, isOver: Bool, now: Timestamp) throws {
        if let limit = lane.limit {
            try refill(line, limit: limit, now: now)
        } else if isOver, let first = try lanes.first(of: line), first.isHeld {
            try letGo(first, now: now)
        }
    }

    /// Makes due as many runs of a limited line as it has places.
    private func refill(_ line: LaneTable.Line, limit: Int, now: Timestamp) throws {
        var limit = limit
        while let next = try lanes.firstHeld(of: line) {
            // A version of the recipe may have changed it since.
            limit = next.limit ?? limit
            guard try lanes.taken(of: line, most: limit) < limit else { return }
            try letGo(next, now: now)
        }
    }

    private func letGo(_ held: LaneTable.Standing, now: Timestamp) throws {
        let due = max(held.notBefore ?? now, now)
        let state: WorkState = due > now ? .scheduled : .ready
        try lanes.setDue(held.run, state, at: due)
        counters.moveRun(from: held.state, to: state)
        hasMadeWork = true
    }

    /// Whether a run that waits for its time must wait for its line as well, because another of an ordered line came
    /// first.
    func isBehind(_ run: Run) throws -> Bool {
        guard run.lane?.limit == nil, let line = LaneTable.Line(run) else { return false }
        return try lanes.first(of: line).map { $0.run != run.id } ?? false
    }

    /// Whether the line of a due run has a place for it; one that it has none for is held, and no claim sees it until
    /// there is one.
    func hasPlace(_ run: Run) throws -> Bool {
        guard let limit = run.lane?.limit, let line = LaneTable.Line(run),
            try lanes.leased(of: line, most: limit) >= limit
        else { return true }
        try lanes.setDue(run.id, .scheduled, at: .never)
        counters.moveRun(from: run.state, to: .scheduled)
        return false
    }
}
