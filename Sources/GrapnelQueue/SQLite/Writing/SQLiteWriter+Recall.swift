import GrapnelCore

extension SQLiteWriter {
    /// Makes retries ready that are due later than any retry can be, and takes from the waits of new runs and outputs by how
    /// much the clock was ahead.
    func recall(_ recall: Recall) throws -> StepReport {
        let now = clock.now()
        let limit = max(recall.limit, 1)
        let lateRuns = try putOff.runs(after: recall.dueAfter, limit: limit)
        for id in lateRuns {
            guard let run = try runs.find(id) else { continue }
            try place(run, WorkPlacement(.retry(at: now), now: now))
        }
        let lateOutputs = try putOff.outputs(after: recall.dueAfter, limit: limit)
        for id in lateOutputs {
            guard let old = try outcomes.find(id) else { continue }
            var new = old
            new.place(WorkPlacement(.retry(at: now), now: now))
            try update(old, to: new)
        }
        // The last of them stays until all have been brought back.
        let newest = try putOff.newestRun(madeAfter: now) ?? now
        let earlyRuns = try putOff.runs(madeAfter: now, limit: limit)
        for run in earlyRuns { try bring(run, back: max(recall.back, newest - now, run.createdAt - now), now: now) }
        let earlyOutputs = try putOff.outputs(madeAfter: now, limit: limit)
        for (id, createdAt) in earlyOutputs {
            guard let old = try outcomes.find(id) else { continue }
            let ahead = max(recall.back, createdAt - now)
            var new = old
            if let due = old.dueAt, due != .never { new.place(WorkPlacement(.retry(at: due - ahead), now: now)) }
            new.notBefore = old.notBefore.map { $0 - ahead }
            new.plannedFor = old.plannedFor.map { $0 - ahead }
            try update(old, to: new)
            try putOff.backdate(id, to: createdAt - ahead)
        }
        let counts = [lateRuns.count, lateOutputs.count, earlyRuns.count, earlyOutputs.count]
        return StepReport(count: counts.reduce(0, +), hasMore: counts.contains(limit))
    }

    /// Counts the waits of a run as if it had been made earlier by `ahead`. What it was planned for is a moment that
    /// somebody named: that stays.
    private func bring(_ run: PutOffWork.EarlyRun, back ahead: Duration, now: Timestamp) throws {
        func earlier(_ moment: Timestamp) -> Timestamp { max(moment - ahead, run.plannedFor ?? moment - ahead) }
        var moved = run
        moved.createdAt = run.createdAt - ahead
        moved.notBefore = run.notBefore.map(earlier)
        if let due = run.dueAt, due != .never {
            let due = earlier(due)
            moved.dueAt = due
            moved.state = due > now ? .scheduled : .ready
            counters.moveRun(from: run.state, to: moved.state)
            hasMadeWork = true
        }
        try putOff.move(moved)
    }
}
