import GrapnelCore

extension SQLiteWriter {
    /// Records that a call is about to be sent.
    func beginCall(_ beginning: CallBeginning) throws -> CallBeginningResult {
        let effect = beginning.effect
        guard let run = try runs.leased(effect.run, fence: beginning.fence) else { return .fenced }
        guard try !pauses.names(of: .connection).contains(effect.connection) else { return .paused }
        if let row = try effects.find(origin: effect.origin, step: effect.step) {
            guard row.effect.kind == .call, row.effect.id == effect.id, row.effect.state == beginning.seen,
                row.effect.state != .confirmed, effect.sends > row.effect.sends
            else { return .exists(row.effect) }
            var new = row.outcome
            begin(&new, as: effect)
            try update(row.outcome, to: new)
            if row.effect.run != effect.run { try effects.adopt(effect.id, by: effect.run) }
        } else {
            var outcome = Outcome(
                effect: effect.id, connection: effect.connection, effectClass: effect.effectClass, state: .inFlight)
            if let since = try origins.uncertainSince(effect.origin) {
                return .exists(try doubt(effect, outcome, of: run, since: since))
            }
            begin(&outcome, as: effect)
            try insert(effect, event: run.event, outcome: outcome)
        }
        if run.version != beginning.version { try runs.pin(run.id, version: beginning.version) }
        return .begun
    }

    /// Records a call as one that may have been sent after the backup that was restored; the caller decides again.
    private func doubt(_ effect: Effect, _ outcome: Outcome, of run: Run, since: Timestamp) throws -> Effect {
        let now = clock.now()
        var doubted = doubted(outcome, since: since, now: now)
        // The vendor's window began then, not now.
        doubted.keyValidUntil = effect.keyValidUntil.map { $0 - (now - since) }
        var row = effect
        doubted.apply(to: &row)
        try insert(row, event: run.event, outcome: doubted)
        return row
    }

    private func begin(_ outcome: inout Outcome, as effect: Effect) {
        outcome.state = .inFlight
        outcome.sends = effect.sends
        outcome.lookups = effect.lookups
        outcome.maybeDuplicate = outcome.maybeDuplicate || effect.maybeDuplicate
        // A human's word is good for one sending.
        outcome.humanSaidResend = false
        outcome.keyValidUntil = effect.keyValidUntil
        outcome.sentAt = clock.now()
        outcome.settledAt = nil
        outcome.status = nil
        outcome.failure = nil
    }

    /// Records the outcome of a call, unless a later sending began or its outcome is settled.
    func settleCall(_ settlement: CallSettlement) throws {
        guard let old = try outcomes.find(settlement.effect) else {
            throw QueueError(.notFound, "there is no effect \(settlement.effect)")
        }
        guard old.delivery == nil, old.sends == settlement.sends, old.state == .inFlight || old.state == .unknown
        else { return }
        var new = old
        new.state = settlement.state
        new.status = settlement.status
        new.failure = settlement.failure
        if settlement.isLookup, let lookups = old.lookups { new.lookups = lookups + 1 }
        // What was only looked up is as old as it was.
        if !settlement.isLookup || settlement.state != .unknown { new.settledAt = clock.now() }
        if !settlement.isLookup, let failure = settlement.failure, failure.isRetryable || failure.parksForCredentials {
            new.keepUnknown(now: clock.now())
        }
        try update(old, to: new)
        if let output = settlement.output { try effects.setOutput(output, of: settlement.effect) }
        // A late answer is the one that a parked run waits for.
        if old.state == .unknown, new.state != .unknown, let row = try effects.find(settlement.effect) {
            try wakeRun(waitingFor: row)
        }
    }

    /// Makes the run ready that is parked because of an unknown effect.
    func wakeRun(waitingFor row: EffectRow) throws {
        guard let run = try runParked(for: row) else { return }
        let now = clock.now()
        try place(run, WorkPlacement(.retry(at: now), now: now))
    }

    /// The run that is parked because of an unknown effect: the one that made it, or a replay that kept its origin.
    func runParked(for row: EffectRow) throws -> Run? {
        for run in try runs.runs(of: row.event) where run.origin == row.effect.origin && run.state == .parked {
            if let found = try runs.find(run.id), found.parkReason == .unknownEffect { return found }
        }
        return nil
    }
}
