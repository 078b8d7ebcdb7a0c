import GrapnelCore

extension SQLiteWriter {
    /// What becomes of one output of a run that succeeded.
    private enum OutputPlan {
        case insert(Effect, Outcome)
        case rearm(EffectRow, Outcome)
    }

    private enum OutputPlans {
        case plans([OutputPlan])
        case nondeterministic(step: String, recorded: Effect)
    }

    /// Ends an attempt of a run.
    func finishRun(_ finish: RunFinish) throws -> RunFinishResult {
        guard var run = try runs.leased(finish.run, fence: finish.fence) else { return .fenced }
        // What a cancelled run wanted is not done; what it answered was answered.
        let isCancelled = try cancelRequests.has(run.id)
        let succeeds = finish.decision == .succeed && !isCancelled
        let now = clock.now()
        var writes: [KeyValueTable.Planned] = []
        var plans: [OutputPlan] = []
        // Everything is decided before anything is changed.
        if succeeds {
            if !finish.keyValues.isEmpty {
                switch try keyValues.plan(finish.keyValues, tenant: run.tenant, recipe: run.recipe, now: now) {
                case .writes(let planned): writes = planned
                case .conflict(let key): return .keyValueConflict(key: key)
                }
            }
            switch try plan(finish, of: run, now: now) {
            case .plans(let planned): plans = planned
            case .nondeterministic(let step, let recorded):
                return .nondeterministic(step: step, recorded: recorded)
            }
        }
        run.counters = finish.counters
        run.version = finish.version
        // One that was only handed back failed with what it had failed with before, unless it says why it does not start.
        if let attempt = finish.attempt {
            run.error = attempt.failure?.message
        } else if let reason = finish.reason {
            run.error = reason
        }
        // A person can decide only about what nobody knows. A call that is being sent after all is settled from there.
        if finish.decision == .park(.unknownEffect) { try abandonCalls(of: run, now: now) }
        let placement = try placement(of: finish, now: now)
        try place(run, placement)
        if placement.state == .parked, !isCancelled, let reason = placement.parkReason, let name = finish.waitsFor {
            try runs.park(run.id, reason, waitingFor: name)
        }
        if finish.decision == .park(.quarantined), let failure = finish.attempt?.failure, failure.kind == .syscall {
            try quarantines.insert(
                Quarantine(
                    recipe: run.recipe, version: finish.version, run: run.id, error: failure.message, since: now),
                tenant: run.tenant)
        }
        if let result = finish.result, succeeds { try runs.setResult(result, of: run.id) }
        if let attempt = finish.attempt { try attempts.insert(attempt, of: run.id) }
        if let reply = finish.reply { try replies.insert(reply, to: run.event) }
        try keyValues.write(writes, tenant: run.tenant, recipe: run.recipe)
        if succeeds {
            for event in finish.emitted { _ = try store(event, headers: event.request.headers.encoded, now: now) }
        }
        return .finished(leased: try apply(plans, of: run))
    }

    private func plan(_ finish: RunFinish, of run: Run, now: Timestamp) throws -> OutputPlans {
        var plans: [OutputPlan] = []
        plans.reserveCapacity(finish.outputs.count)
        let paused = try finish.outputs.isEmpty ? [] : pauses.names(of: .connection)
        var wanted: [String: Effect] = [:]
        var joined: Set<OutputLineTable.Line> = []
        for var intent in finish.outputs {
            if paused.contains(intent.connection) { intent.startNow = false }
            if let earlier = wanted[intent.step] {
                guard earlier.fingerprint == intent.fingerprint else {
                    return .nondeterministic(step: intent.step, recorded: earlier)
                }
                continue
            }
            let row = try effects.find(origin: run.origin, step: intent.step)
            if try mustWait(intent, row?.outcome, behind: &joined) { intent.startNow = false }
            if let row {
                guard row.effect.kind == .output, row.effect.fingerprint == intent.fingerprint else {
                    return .nondeterministic(step: intent.step, recorded: row.effect)
                }
                if let outcome = rearmed(row.outcome, for: intent, finish: finish, now: now) {
                    plans.append(.rearm(row, outcome))
                }
                if finish.outputs.count > 1 { wanted[intent.step] = row.effect }
            } else {
                let since = try origins.uncertainSince(run.origin)
                let (effect, outcome) = new(intent, of: run, uncertainSince: since, finish: finish, now: now)
                plans.append(.insert(effect, outcome))
                if finish.outputs.count > 1 { wanted[intent.step] = effect }
            }
        }
        return .plans(plans)
    }

    /// Whether an output cannot be sent at once, because another stands before it in its line.
    ///
    /// - Parameter joined: The lines that this run's outputs have joined so far.
    private func mustWait(
        _ intent: OutputIntent, _ known: Outcome?, behind joined: inout Set<OutputLineTable.Line>
    ) throws -> Bool {
        let isOver = known?.delivery?.isTerminal ?? true
        guard let key = isOver ? intent.lane : known?.lane else { return false }
        let line = OutputLineTable.Line(connection: known?.connection ?? intent.connection, key: key)
        let first = try outputLines.first(of: line)
        // What is confirmed is not sent again.
        if let known, known.state == .confirmed || first?.effect == known.effect { return false }
        return !joined.insert(line).inserted || first != nil
    }

    /// The ledger's row of an output that nobody wanted before.
    private func new(
        _ intent: OutputIntent, of run: Run, uncertainSince since: Timestamp?, finish: RunFinish, now: Timestamp
    ) -> (Effect, Outcome) {
        let id = ids.next(Effect.self)
        var outcome = Outcome(
            effect: id, connection: intent.connection, effectClass: intent.effectClass, state: .intended,
            keyWindow: intent.keyWindow, lookups: intent.canLookUp ? 0 : nil, lane: intent.lane)
        if intent.delay > .zero { outcome.plannedFor = now + intent.delay }
        if let since {
            outcome = doubted(outcome, since: since, now: now)
            outcome.keyValidUntil = intent.keyWindow.map { since + $0 }
            rearmUnknown(&outcome, for: intent, finish: finish, now: now)
        } else {
            arm(&outcome, for: intent, again: false, finish: finish, now: now)
        }
        var effect = Effect(
            id: id, tenant: run.tenant, origin: run.origin, run: run.id, recipe: run.recipe, step: intent.step,
            kind: .output, connection: intent.connection, operation: intent.operation,
            effectClass: intent.effectClass, state: .intended, fingerprint: intent.fingerprint,
            idempotencyKey: intent.idempotencyKey, input: intent.input, createdAt: now)
        outcome.apply(to: &effect)
        return (effect, outcome)
    }

    /// What a replay that keeps its origin makes of an output that an older run left behind; `nil` leaves it alone.
    private func rearmed(
        _ outcome: Outcome, for intent: OutputIntent, finish: RunFinish, now: Timestamp
    ) -> Outcome? {
        guard outcome.state != .confirmed, outcome.delivery != .leased else { return nil }
        var new = outcome
        new.counters = WorkCounters()
        new.plannedFor = now + max(intent.delay, .zero)
        if outcome.delivery?.isTerminal == true { new.lane = intent.lane }
        new.reopen()
        switch new.state {
        case .intended, .failed:
            arm(&new, for: intent, again: false, finish: finish, now: now)
        case .unknown, .inFlight, .confirmed:
            rearmUnknown(&new, for: intent, finish: finish, now: now)
        }
        return new
    }

    /// What becomes of an output that may have been sent before: its class decides.
    private func rearmUnknown(
        _ outcome: inout Outcome, for intent: OutputIntent, finish: RunFinish, now: Timestamp
    ) {
        switch outcome.unknownPolicy(now: now) {
        case .resend(let maybeDuplicate):
            arm(&outcome, for: intent, again: maybeDuplicate, finish: finish, now: now)
        case .lookUp:
            outcome.place(WorkPlacement(.retry(at: now), now: now))
        case .park:
            outcome.place(WorkPlacement(.park(.unknownEffect), now: now))
        }
    }

    /// Lets an output be sent: now by this node, or as soon as its time and a node have come.
    private func arm(
        _ outcome: inout Outcome, for intent: OutputIntent, again: Bool, finish: RunFinish, now: Timestamp
    ) {
        if intent.startNow, intent.delay <= .zero {
            outcome.begin(again: again, now: now, leaseUntil: leaseClock.now() + finish.outputLease, epoch: epoch)
        } else {
            outcome.place(WorkPlacement(.retry(at: now + max(intent.delay, .zero)), now: now))
        }
    }

    private func apply(_ plans: [OutputPlan], of run: Run) throws -> [LeasedOutput] {
        var leased: [LeasedOutput] = []
        for plan in plans {
            var effect: Effect
            let outcome: Outcome
            switch plan {
            case .insert(let new, let planned):
                effect = new
                outcome = planned
                try insert(new, event: run.event, outcome: planned)
            case .rearm(let row, let planned):
                effect = row.effect
                outcome = planned
                try update(row.outcome, to: planned)
                try effects.adopt(effect.id, by: run.id)
                effect.run = run.id
                outcome.apply(to: &effect)
            }
            if outcome.delivery == .leased {
                leased.append(
                    LeasedOutput(
                        effect: effect, fence: outcome.fence, counters: outcome.counters, event: run.event,
                        plannedFor: outcome.plannedFor))
            }
        }
        return leased
    }
}
