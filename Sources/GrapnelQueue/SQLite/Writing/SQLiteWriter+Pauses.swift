import GrapnelCore

extension SQLiteWriter {
    /// Pauses something; what was paused before stays as it was.
    func pause(_ order: PauseOrder) throws -> Pause {
        if let standing = try pauses.find(order.kind, order.name) { return standing }
        let pause = Pause(kind: order.kind, name: order.name, since: clock.now(), reason: order.reason, by: order.by)
        try pauses.insert(pause)
        return pause
    }

    /// Wakes what waits for the end of a pause.
    ///
    /// That of a source ends with the last step, so that what is accepted meanwhile keeps its place behind what was
    /// accepted before. That of a connection ends with the first: who is woken calls it, and would be parked anew.
    func resume(_ resumption: Resumption) throws -> StepReport {
        let isPaused = try pauses.find(resumption.kind, resumption.name) != nil
        let isEnding =
            try resumption.kind == .connection
            && !parked.runs(.connectionPaused, waitingFor: resumption.name, limit: 1).isEmpty
        guard isPaused || isEnding else {
            throw QueueError(.notFound, "the \(resumption.kind.rawValue) \(resumption.name) is not paused")
        }
        let report =
            switch resumption.kind {
            case .source: try wakeRuns(waitingFor: resumption, parkedAs: .sourcePaused)
            case .connection: try wakeRuns(waitingFor: resumption, parkedAs: .connectionPaused)
            case .recipe: StepReport(count: 0, hasMore: false)
            }
        if isPaused, !report.hasMore || resumption.kind == .connection {
            try pauses.delete(resumption.kind, resumption.name)
            // What waited in the queue all along may be claimed now.
            hasMadeWork = true
        }
        return report
    }

    private func wakeRuns(waitingFor resumption: Resumption, parkedAs reason: ParkReason) throws -> StepReport {
        try wake(ParkedWake(.runsWaiting(for: resumption.name), parkedAs: reason, limit: resumption.limit))
    }

    /// Where a run goes that ended because of a pause, or of refused credentials: into the wait for its end or for
    /// others, or on when that has come meanwhile.
    func placement(of finish: RunFinish, now: Timestamp) throws -> WorkPlacement {
        let hasCome: Bool
        switch (finish.decision, finish.waitsFor) {
        case (.park(.connectionPaused), let name?): hasCome = try !pauses.names(of: .connection).contains(name)
        case (.park(.connectionUnauthorized), let name?): hasCome = try credentials.differ(finish.credentials, of: name)
        default: hasCome = false
        }
        return WorkPlacement(hasCome ? .retry(at: now) : finish.decision, now: now)
    }
}
