import GrapnelCore

extension SQLiteWriter {
    /// Makes parked work ready whose reason has gone.
    func wake(_ wake: ParkedWake) throws -> StepReport {
        let now = clock.now()
        let limit = max(wake.limit, 1)
        let count: Int
        switch wake.work {
        case .runs(let recipe):
            count = try self.wake(runs: parked.runs(wake.reason, recipe: recipe, limit: limit), now: now)
        case .runsWaiting(let name):
            count = try self.wake(runs: parked.runs(wake.reason, waitingFor: name, limit: limit), now: now)
        case .runsResumed:
            guard let connection = try resumed() else { return StepReport(count: 0, hasMore: false) }
            count = try self.wake(runs: parked.runs(wake.reason, waitingFor: connection, limit: limit), now: now)
            return StepReport(count: count, hasMore: true)
        case .outputs(let connection):
            let parked = try self.parked.outputs(wake.reason, connection: connection, limit: limit)
            for id in parked {
                guard let old = try outcomes.find(id) else { continue }
                var new = old
                new.place(WorkPlacement(.retry(at: now), now: now))
                try update(old, to: new)
            }
            count = parked.count
        }
        return StepReport(count: count, hasMore: count == limit)
    }

    /// A connection that runs wait for though it is not paused any more.
    private func resumed() throws -> String? {
        let paused = try pauses.names(of: .connection)
        var last = ""
        while let connection = try parked.next(.connectionPaused, after: last) {
            if !paused.contains(connection) { return connection }
            last = connection
        }
        return nil
    }

    private func wake(runs parked: [Identifier<Run>], now: Timestamp) throws -> Int {
        for id in parked {
            guard let run = try runs.find(id) else { continue }
            try place(run, WorkPlacement(.retry(at: try start(of: run, now: now)), now: now))
        }
        return parked.count
    }

    /// When a run starts whose reason to be parked has gone: not before its own time, and at the rate of its recipe, so
    /// that those which wake together do not start together.
    private func start(of run: Run, now: Timestamp) throws -> Timestamp {
        let standing = try runs.standing(of: run.id)
        var start = max(standing.notBefore ?? now, now)
        guard let rate = standing.rate else { return start }
        start = try rates.take(rate, tenant: run.tenant, recipe: run.recipe, from: start, now: now)
        if start > now { try runs.setNotBefore(run.id, start) }
        return start
    }

    /// Lets a waiting or parked run start now.
    func retry(_ id: Identifier<Run>) throws {
        guard let run = try runs.find(id) else { throw QueueError(.notFound, "there is no run \(id)") }
        switch (run.state, run.parkReason) {
        case (.parked, .unknownEffect):
            throw QueueError(
                .conflict,
                "run \(id) waits until someone says whether an effect took place: grapnel effects resolve")
        case (.parked, _), (.scheduled, _), (.ready, _):
            let now = clock.now()
            try runs.letStart(run.id, at: now)
            try place(run, WorkPlacement(.retry(at: now), now: now))
        default:
            throw QueueError(
                .conflict, "run \(id) is \(run.state.rawValue); only one that waits or is parked can be tried now")
        }
    }

    /// Gives runs that wait another version.
    func move(_ move: RunMove) throws -> RunMoveReport {
        switch move.subject {
        case .run(let id):
            guard let run = try runs.find(id) else { throw QueueError(.notFound, "there is no run \(id)") }
            guard !run.state.isTerminal, run.state != .leased else {
                throw QueueError(
                    .conflict, "run \(id) is \(run.state.rawValue); only one that waits or is parked can be moved")
            }
            try self.move(run, to: move.version)
            return RunMoveReport(count: 1, next: nil)
        case .recipe(let recipe, let place):
            let (found, next) = try parked.runs(of: recipe, from: place, limit: max(move.limit, 1))
            var count = 0
            for id in found {
                guard let run = try runs.find(id), run.version != move.version else { continue }
                try self.move(run, to: move.version)
                count += 1
            }
            return RunMoveReport(count: count, next: next)
        }
    }

    private func move(_ run: Run, to version: RecipeVersion) throws {
        try runs.pin(run.id, version: version)
        // What waited for another version has it now.
        guard run.state == .parked, run.parkReason == .quarantined || run.parkReason == .recipeGone else { return }
        var moved = run
        moved.version = version
        let now = clock.now()
        try place(moved, WorkPlacement(.retry(at: try start(of: run, now: now)), now: now))
    }

    /// Releases the versions of a recipe that are in quarantine.
    func liftQuarantine(of recipe: String, tenant: TenantID) throws -> Int {
        try quarantines.delete(recipe: recipe, tenant: tenant)
    }

    /// Keeps with which credentials connections work.
    func keepCredentials(_ fingerprints: [String: [UInt8]], woken: Bool) throws {
        for (connection, fingerprint) in fingerprints {
            try credentials.keep(connection, fingerprint: fingerprint, woken: woken)
        }
    }

    /// Where an output goes that a vendor refused with these credentials: into the wait for others, or on when those
    /// have come meanwhile.
    func placement(of finish: OutputFinish, to connection: String, now: Timestamp) throws -> WorkPlacement {
        let hasOthers =
            try finish.decision == .park(.connectionUnauthorized)
            && credentials.differ(finish.credentials, of: connection)
        return WorkPlacement(hasOthers ? .retry(at: now) : finish.decision, now: now)
    }
}
