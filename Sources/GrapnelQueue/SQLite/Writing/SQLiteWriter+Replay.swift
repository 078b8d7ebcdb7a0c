import GrapnelCore

extension SQLiteWriter {
    /// Makes new runs of the events of finished ones.
    func replay(_ replays: [RunReplay]) throws -> [Result<Identifier<Run>, QueueError>] {
        try replays.map { replay in try refusable { try self.replay(replay) } }
    }

    /// What came of one of several wishes. One that is refused has changed nothing, so the others go on.
    func refusable<Value>(_ body: () throws -> Value) throws -> Result<Value, QueueError> {
        do {
            return .success(try body())
        } catch let error as QueueError where error.code == .notFound || error.code == .conflict {
            return .failure(error)
        }
    }

    private func replay(_ replay: RunReplay) throws -> Identifier<Run> {
        guard let old = try runs.find(replay.run) else {
            throw QueueError(.notFound, "there is no run \(replay.run)")
        }
        guard old.state.isTerminal else {
            throw QueueError(
                .conflict,
                "run \(old.id) is \(old.state.rawValue); only a succeeded, dead or cancelled run can be replayed")
        }
        guard try replay.repeats || !runs.hasReplay(old) else {
            throw QueueError(.conflict, "run \(old.id) was replayed before")
        }
        // Two runs that share a ledger at once would each send what the other is about to record.
        if replay.mode == .missing,
            let other = try runs.runs(of: old.event).first(where: {
                $0.origin == old.origin && !$0.state.isTerminal
            })
        {
            throw QueueError(
                .conflict, "run \(other.id) is \(other.state.rawValue) and finishes what is missing already")
        }
        if replay.mode == .missing { try armFailedCalls(of: old.origin) }
        let now = clock.now()
        let run = Run(
            id: replay.newRun, tenant: old.tenant, event: old.event, recipe: old.recipe,
            version: replay.version ?? old.version, origin: replay.mode == .missing ? old.origin : replay.newRun,
            replayOf: old.id, state: .ready, dueAt: now, createdAt: now, batch: old.batch)
        let arrival = Arrival(
            run: run, generation: try runs.nextGeneration(event: old.event, recipe: old.recipe),
            flow: RunFlow(lane: old.lane, rate: try runs.standing(of: old.id).rate))
        _ = try enter(arrival, now: now)
        return run.id
    }

    /// A call that was refused for good is missing too: who finishes a run wants it to be tried once more. What is
    /// unknown stays a decision of its own.
    private func armFailedCalls(of origin: Identifier<Run>) throws {
        for old in try effects.outcomes(of: origin) where old.delivery == nil && old.state == .failed {
            var new = old
            new.reopen()
            new.humanSaidResend = new.state == .failed
            try update(old, to: new)
        }
    }
}
