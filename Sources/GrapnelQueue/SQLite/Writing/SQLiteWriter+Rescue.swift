import GrapnelCore

extension SQLiteWriter {
    /// Returns work whose lease is lost to the queue.
    func rescue(_ rescue: LeaseRescue) throws -> LeaseRescueReport {
        let now = clock.now()
        let limit = max(rescue.limit, 1)
        var report = LeaseRescueReport()
        let lostRuns = try runs.lost(now: leaseClock.now(), epoch: epoch, limit: limit)
        for id in lostRuns {
            guard let run = try runs.find(id) else { continue }
            report.unknownEffects += try abandonCalls(of: run, now: now)
            if let notice = try requeue(run, policy: rescue.policy, now: now) { report.notices.append(notice) }
            report.runs += 1
        }
        let lostOutputs = try outcomes.lost(now: leaseClock.now(), epoch: epoch, limit: limit)
        for outcome in lostOutputs {
            let (wasInFlight, notice) = try requeue(outcome, policy: rescue.policy, now: now)
            if wasInFlight { report.unknownEffects += 1 }
            if let notice { report.notices.append(notice) }
            report.outputs += 1
        }
        report.hasMore = lostRuns.count == limit || lostOutputs.count == limit
        return report
    }

    /// The failure of an attempt whose node stopped answering for it.
    private static let leaseLost = AttemptFailure(
        .leaseLost, "the lease ran out, or the hub restarted, before the attempt ended")

    private static func attempt(counters: WorkCounters, version: RecipeVersion?, now: Timestamp) -> Attempt {
        Attempt(
            ordinal: counters.attempts + 1, startedAt: now, took: .zero, failure: leaseLost, version: version)
    }

    /// Returns what to tell when the run gave up.
    private func requeue(_ lost: Run, policy: RetryPolicy, now: Timestamp) throws -> Notice? {
        var run = lost
        run.counters = lost.counters.counting(.leaseLost)
        run.error = SQLiteWriter.leaseLost.message
        // A lost lease is retried at once: no delay, so no jitter.
        let decision = policy.decision(after: SQLiteWriter.leaseLost, counters: run.counters, now: now, unit: 0)
        try attempts.insert(
            SQLiteWriter.attempt(counters: lost.counters, version: lost.version, now: now), of: run.id)
        try place(run, WorkPlacement(decision, now: now))
        guard case .die(let reason) = decision else { return nil }
        return .deadLetter(run, reason: reason, error: run.error)
    }

    /// Nobody knows any more what became of the calls that a lost run was making.
    @discardableResult
    func abandonCalls(of run: Run, now: Timestamp) throws -> Int {
        try abandon(try effects.callsInFlight(origin: run.origin, run: run.id), now: now)
    }

    /// Nobody knows any more what became of the calls that an earlier opening was still making for runs whose attempt had
    /// ended. Those of leased runs are left to the rescue of their runs.
    func abandonStrandedCalls() throws {
        try begin()
        do {
            try abandon(try effects.strandedCalls(), now: clock.now())
            try commit()
        } catch {
            try? rollBack()
            throw error
        }
    }

    @discardableResult
    private func abandon(_ calls: [Outcome], now: Timestamp) throws -> Int {
        for old in calls {
            var new = old
            new.state = .unknown
            new.failure = SQLiteWriter.unknownOutcome
            new.settledAt = now
            try update(old, to: new)
        }
        return calls.count
    }

    private static let unknownOutcome = CallFailure(
        code: "lease_lost", message: "the hub stopped while it waited for the answer", isRetryable: true,
        outcome: .unknown)

    /// Returns whether the effect was in flight, and what to tell when it gave up or waits for a human.
    private func requeue(
        _ old: Outcome, policy: RetryPolicy, now: Timestamp
    ) throws -> (wasInFlight: Bool, notice: Notice?) {
        var new = old
        let wasInFlight = old.state == .inFlight
        if wasInFlight {
            new.state = .unknown
            new.failure = SQLiteWriter.unknownOutcome
            new.settledAt = now
        }
        new.counters = old.counters.counting(.leaseLost)
        var decision = policy.decision(after: SQLiteWriter.leaseLost, counters: new.counters, now: now, unit: 0)
        if case .retry = decision, new.state == .unknown, case .park = new.unknownPolicy(now: now) {
            decision = .park(.unknownEffect)
        }
        new.place(WorkPlacement(decision, now: now))
        try attempts.insert(
            SQLiteWriter.attempt(counters: old.counters, version: nil, now: now), of: old.effect)
        try update(old, to: new)
        if case .retry = decision { return (wasInFlight, nil) }
        guard let row = try effects.find(old.effect) else { return (wasInFlight, nil) }
        let message = SQLiteWriter.leaseLost.message
        switch decision {
        case .die(let reason):
            return (wasInFlight, .deadLetter(row.effect, event: row.event, reason: reason, error: message))
        case .park(let reason):
            return (wasInFlight, .parked(row.effect, event: row.event, reason: reason, error: message))
        case .retry, .succeed: return (wasInFlight, nil)
        }
    }
}
