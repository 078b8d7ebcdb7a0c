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
    func resume(_ resumption: Resumption) throws -> WakingReport {
        let isPaused = try pauses.find(resumption.kind, resumption.name) != nil
        let isEnding = try resumption.kind == .connection && runs.isAnyParked(.connectionPaused, resumption.name)
        guard isPaused || isEnding else {
            throw QueueError(.notFound, "the \(resumption.kind.rawValue) \(resumption.name) is not paused")
        }
        let report: WakingReport =
            switch resumption.kind {
            case .source: try wake(.sourcePaused, waitingFor: resumption.name, limit: resumption.limit)
            case .connection: try wake(.connectionPaused, waitingFor: resumption.name, limit: resumption.limit)
            case .recipe: WakingReport(runs: 0, hasMore: false)
            }
        if isPaused, !report.hasMore || resumption.kind == .connection {
            try pauses.delete(resumption.kind, resumption.name)
            // What waited in the queue all along may be claimed now.
            hasMadeWork = true
        }
        return report
    }

    /// Wakes runs that wait for the world outside, or for a connection that was resumed when not all were woken.
    func wake(_ waking: OfflineWaking) throws -> WakingReport {
        let paused = try pauses.names(of: .connection)
        var last = ""
        while let connection = try runs.nextAwaited(.connectionPaused, after: last) {
            if !paused.contains(connection) {
                let report = try wake(.connectionPaused, waitingFor: connection, limit: waking.limit)
                return WakingReport(runs: report.runs, hasMore: true)
            }
            last = connection
        }
        return try wake(.offline, waitingFor: "", limit: waking.limit)
    }

    /// Makes runs ready that are parked for one reason, in the order in which they were accepted.
    private func wake(_ reason: ParkReason, waitingFor name: String, limit: Int) throws -> WakingReport {
        let limit = max(limit, 1)
        let now = clock.now()
        let waiting = try runs.parked(reason, waitingFor: name, limit: limit)
        for id in waiting {
            guard let run = try runs.find(id) else { continue }
            // One that was stored while its source was paused still waits as its recipe says.
            let earliest = reason == .sourcePaused ? try runs.notBefore(of: id) : nil
            try place(run, WorkPlacement(.retry(at: max(earliest ?? now, now)), now: now))
        }
        return WakingReport(runs: waiting.count, hasMore: waiting.count == limit)
    }

    /// Where a run goes that ended because of a pause: into the wait for its end, or on when that has come meanwhile.
    func placement(of finish: RunFinish, now: Timestamp) throws -> WorkPlacement {
        if finish.decision == .park(.connectionPaused), let name = finish.waitsFor,
            try !pauses.names(of: .connection).contains(name)
        {
            return WorkPlacement(.retry(at: now), now: now)
        }
        return WorkPlacement(finish.decision, now: now)
    }
}
