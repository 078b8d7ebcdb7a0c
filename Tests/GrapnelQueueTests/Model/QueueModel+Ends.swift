import GrapnelCore
import GrapnelQueue

extension QueueModel {
    /// The end of an attempt, as far as the model can foresee what an engine answers.
    enum RunEnd: Equatable {
        case finished(leased: Set<String>)
        case keyValueConflict(key: String)
        case nondeterministic(step: String)
        case fenced
    }

    /// - Parameter identity: The id that the engine gave to the effect of a step.
    mutating func finish(
        _ finish: RunFinish, now: Timestamp, identity: (Step) -> Identifier<Effect>?
    ) -> RunEnd {
        guard isLeased(finish.run, fence: finish.fence), var run = runs[finish.run] else { return .fenced }
        var leased: Set<String> = []
        if finish.decision == .succeed, !run.work.isCancelRequested {
            var written = store
            for write in finish.keyValues {
                if let expected = write.expectedVersion, expected != written[write.key]?.version ?? 0 {
                    return .keyValueConflict(key: write.key)
                }
                written[write.key] = write.value.map {
                    Entry(value: $0, version: (written[write.key]?.version ?? 0) + 1)
                }
            }
            for intent in finish.outputs {
                guard let known = effects[Step(origin: run.origin, name: intent.step)] else { continue }
                guard known.kind == .output, known.fingerprint == intent.fingerprint else {
                    return .nondeterministic(step: intent.step)
                }
            }
            store = written
            for intent in finish.outputs where arm(intent, of: finish, now: now, identity: identity) {
                leased.insert(intent.step)
            }
        }
        if finish.decision == .park(.unknownEffect) {
            abandonCalls { $0 == finish.run }
        }
        run.work.counters = finish.counters
        run.work.place(finish.decision, now)
        runs[finish.run] = run
        return .finished(leased: leased)
    }

    /// Makes or re-arms an output; whether it is leased now.
    private mutating func arm(
        _ intent: OutputIntent, of finish: RunFinish, now: Timestamp, identity: (Step) -> Identifier<Effect>?
    ) -> Bool {
        guard let run = runs[finish.run] else { return false }
        let step = Step(origin: run.origin, name: intent.step)
        let wasOver = effects[step]?.delivery?.state.isTerminal ?? true
        if var known = effects[step] {
            guard known.state != .confirmed, known.delivery?.state != .leased else { return false }
            if known.state == .failed, known.maybeDuplicate { known.state = .unknown }
            effects[step]?.state = known.state
            if wasOver { effects[step]?.lane = intent.lane }
            effects[step]?.run = finish.run
            effects[step]?.delivery?.counters = WorkCounters()
            if known.state == .unknown || known.state == .inFlight, policy(of: known, now: now) == .park {
                effects[step]?.delivery?.place(.park(.unknownEffect), now)
                lineUp(step, wasOver: wasOver, now: now)
                return false
            }
        } else if let id = identity(step) {
            effects[step] = StoredEffect(
                id: id, run: finish.run, kind: .output, connection: intent.connection,
                effectClass: intent.effectClass, fingerprint: intent.fingerprint, state: .intended,
                keyWindow: intent.keyWindow, delivery: Work(state: .ready, dueAt: now, isDelivery: true),
                lane: intent.lane)
        }
        // Another stands before it, if any stands there but itself.
        let line = effects[step].flatMap { effect in effect.lane.flatMap { first(of: $0, effect.connection) } }
        if intent.startNow, intent.delay <= .zero, line == nil || line == step {
            begin(step, lease: finish.outputLease, now: now)
            lineUp(step, wasOver: wasOver, now: now)
            return true
        }
        effects[step]?.delivery?.place(.retry(at: now + intent.delay), now)
        lineUp(step, wasOver: wasOver, now: now)
        return false
    }

    mutating func finish(_ finish: OutputFinish, now: Timestamp) -> Bool {
        guard let step = step(of: finish.effect), var effect = effects[step], var delivery = effect.delivery,
            delivery.state == .leased, delivery.fence == finish.fence
        else { return false }
        effect.state = finish.state
        if finish.state == .intended {
            effect.sends -= 1
            if effect.maybeDuplicate, effect.sends > 0 {
                effect.state = .unknown
                let byClass = UnknownPolicy.decide(
                    effect.effectClass, keyValidUntil: effect.keyValidUntil, canLookUp: false,
                    humanSaidResend: false, now: effect.sentAt ?? now)
                effect.humanSaidResend = byClass == .park
            }
        }
        if case .die = finish.decision {} else { QueueModel.keepUnknown(&effect, now: now) }
        if finish.state == .confirmed { effect.output = finish.output }
        delivery.counters = finish.counters
        delivery.place(finish.decision, now)
        effect.delivery = delivery
        effects[step] = effect
        lineUp(step, wasOver: false, now: now)
        return true
    }

    // MARK: Calls

    /// What an engine answers to the beginning of a call: `nil` is `begun`.
    enum CallRefusal: Equatable {
        case exists
        case fenced
    }

    mutating func begin(_ beginning: CallBeginning) -> CallRefusal? {
        let effect = beginning.effect
        guard isLeased(effect.run, fence: beginning.fence) else { return .fenced }
        let step = Step(origin: effect.origin, name: effect.step)
        guard var known = effects[step] else {
            effects[step] = StoredEffect(
                id: effect.id, run: effect.run, kind: .call, connection: effect.connection,
                effectClass: effect.effectClass, fingerprint: effect.fingerprint, state: .inFlight,
                sends: effect.sends, maybeDuplicate: effect.maybeDuplicate, keyValidUntil: effect.keyValidUntil)
            return nil
        }
        guard known.kind == .call, known.id == effect.id, known.state == beginning.seen, known.state != .confirmed,
            effect.sends > known.sends
        else { return .exists }
        known.state = .inFlight
        known.sends = effect.sends
        known.maybeDuplicate = known.maybeDuplicate || effect.maybeDuplicate
        known.humanSaidResend = false
        known.keyValidUntil = effect.keyValidUntil
        known.run = effect.run
        effects[step] = known
        return nil
    }

    mutating func settle(_ settlement: CallSettlement, now: Timestamp) -> QueueError.Code? {
        guard let step = step(of: settlement.effect), var known = effects[step] else { return .notFound }
        guard known.kind == .call, known.sends == settlement.sends, known.state == .inFlight || known.state == .unknown
        else { return nil }
        let wasUnknown = known.state == .unknown
        known.state = settlement.state
        if settlement.failure?.isRetryable ?? false { QueueModel.keepUnknown(&known, now: now) }
        if let output = settlement.output { known.output = output }
        effects[step] = known
        if wasUnknown, known.state != .unknown { wakeRun(waitingFor: step, now: now) }
        return nil
    }

    // MARK: People

    mutating func resolve(_ resolution: EffectResolution, now: Timestamp) -> QueueError.Code? {
        guard let step = step(of: resolution.effect), var effect = effects[step] else { return .notFound }
        let wasOver = effect.delivery?.state.isTerminal ?? true
        defer {
            effects[step] = effect
            lineUp(step, wasOver: wasOver, now: now)
        }
        guard var delivery = effect.delivery else {
            guard effect.state == .unknown else { return .conflict }
            switch resolution.choice {
            case .confirm:
                effect.state = .confirmed
                effect.output = resolution.output ?? Array("null".utf8)
                wakeRun(waitingFor: step, now: now)
            case .resend:
                effect.humanSaidResend = true
                wakeRun(waitingFor: step, now: now)
            case .drop:
                guard let run = runParked(for: step) else { return .conflict }
                runs[run]?.work.place(.die(.dropped), now)
            }
            return nil
        }
        switch resolution.choice {
        case .confirm:
            guard effect.state == .unknown, delivery.state != .leased else { return .conflict }
            effect.state = .confirmed
            effect.output = resolution.output ?? Array("null".utf8)
            delivery.place(.succeed, now)
        case .resend:
            guard effect.state != .confirmed, [.parked, .dead, .cancelled].contains(delivery.state) else {
                return .conflict
            }
            effect.humanSaidResend = effect.state == .unknown
            delivery.counters = WorkCounters()
            delivery.place(.retry(at: now), now)
        case .drop:
            guard delivery.state == .parked else { return .conflict }
            delivery.place(.die(.dropped), now)
        }
        effect.delivery = delivery
        return nil
    }
}
