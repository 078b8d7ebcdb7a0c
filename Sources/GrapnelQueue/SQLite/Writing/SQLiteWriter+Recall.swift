import GrapnelCore

extension SQLiteWriter {
    /// Makes retries ready that are due later than any retry can be.
    func recall(_ recall: RetryRecall) throws -> StepReport {
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
        return StepReport(
            count: lateRuns.count + lateOutputs.count,
            hasMore: lateRuns.count == limit || lateOutputs.count == limit)
    }
}
