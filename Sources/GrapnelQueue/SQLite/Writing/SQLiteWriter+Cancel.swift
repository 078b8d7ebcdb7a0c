import GrapnelCore

extension SQLiteWriter {
    /// Ends what a person no longer wants.
    func cancel(_ cancellation: Cancellation) throws -> CancellationReport {
        let now = clock.now()
        var report = CancellationReport()
        for id in cancellation.runs {
            guard let run = try runs.find(id) else { continue }
            switch run.state {
            case .scheduled, .ready, .parked:
                try place(run, WorkPlacement(cancelledAt: now))
                report.runs.insert(id)
            case .leased:
                try cancelRequests.insert(id)
                report.endingRuns.insert(id)
            case .succeeded, .dead, .cancelled: break
            }
            for outcome in try effects.unfinished(origin: run.origin, run: id) {
                try cancel(outcome, now: now, report: &report)
            }
        }
        for id in cancellation.outputs {
            guard let outcome = try outcomes.find(id) else { continue }
            try cancel(outcome, now: now, report: &report)
        }
        return report
    }

    private func cancel(_ old: Outcome, now: Timestamp, report: inout CancellationReport) throws {
        switch old.delivery {
        case .scheduled, .ready, .parked:
            var new = old
            new.place(WorkPlacement(cancelledAt: now))
            try update(old, to: new)
            report.outputs.insert(old.effect)
        case .leased:
            try cancelRequests.insert(old.effect)
            report.endingOutputs.insert(old.effect)
        case .succeeded, .dead, .cancelled, nil: break
        }
    }
}
