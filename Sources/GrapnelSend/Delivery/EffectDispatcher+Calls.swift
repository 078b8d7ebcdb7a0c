package import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import Logging

extension EffectDispatcher {
    /// How often a call is decided again because its row changed meanwhile; more means that the store is confused.
    private static let mostDecisions = 8

    package func call(_ request: CallRequest) async -> CallAnswer {
        let key = CallsUnderWay.Key(origin: request.run.run.origin, step: request.step)
        return await calls.perform(key) { await self.answer(request) }
    }

    private func answer(_ request: CallRequest) async -> CallAnswer {
        let deadline = clock.monotonic() + request.timeout
        let operation: ConnectionOperation
        switch connections.operation(request.connection, request.operation, input: request.input) {
        case .success(let found): operation = found
        case .failure(let failure): return .failure(failure)
        }
        let wanted = WantedEffect(
            connection: request.connection, operation: request.operation, effectClass: operation.effectClass,
            input: request.input)
        var existing: Effect?
        if request.run.hasEffects {
            // A hint only: what is true is what `beginCall` finds.
            existing = try? await reader.effect(origin: request.run.run.origin, step: request.step)
        }
        for _ in 0..<EffectDispatcher.mostDecisions {
            switch LedgerDecision.decide(existing: existing, wanted: wanted, now: clock.now()) {
            case .answer(let output): return .output(output)
            case .failAgain(let failure): return .failure(failure)
            case .nondeterministic(let difference):
                return .endRun(
                    .die(.nondeterministic), AttemptFailure(.nondeterministic, difference, isRetryable: false))
            case .park(let reason):
                return .endRun(
                    .park(reason),
                    EffectDispatcher.unknown(existing?.failure, "\(wanted.connection).\(wanted.operation)"))
            case .lookUp(let effect):
                switch await lookUp(effect, request, deadline: deadline) {
                case .success(let answer): return answer
                case .failure(let changed): existing = changed.effect
                }
            case .send(let seen, let maybeDuplicate):
                let effect = row(request, wanted, operation, existing, maybeDuplicate: maybeDuplicate)
                let beginning = CallBeginning(
                    effect: effect, fence: request.run.fence, version: request.version, seen: seen)
                switch await begin(beginning, request, deadline: deadline) {
                case .success(let answer): return answer
                case .failure(let changed): existing = changed.effect
                }
            }
        }
        return .failure(EffectDispatcher.storage("the ledger's row of this step kept changing"))
    }

    /// The row was not as it was seen.
    private struct ChangedRow: Error {
        let effect: Effect
    }

    /// Goes through the gate, commits the beginning, sends, records.
    private func begin(
        _ beginning: CallBeginning, _ request: CallRequest, deadline: Duration
    ) async -> Result<CallAnswer, ChangedRow> {
        let effect = beginning.effect
        let context = SendingContext(
            idempotencyKey: effect.idempotencyKey, event: request.run.event.id, run: request.run.run.id,
            recipe: effect.recipe, now: clock.now())
        let prepared: PreparedRequest
        switch connections.prepare(effect.connection, effect.operation, input: request.input, context: context) {
        case .success(let request): prepared = request
        case .failure(let failure): return .success(EffectDispatcher.answer(failing: failure))
        }
        let admission: Admission
        let keys = connections.keys(effect.connection, effect.operation, input: request.input)
        switch await enter(effect.connection, keys, deadline: deadline) {
        case .success(let entered): admission = entered
        case .failure(let failure): return .success(.failure(failure))
        }
        CrashPoint.beforeCall.pass()
        do {
            switch try await writer.beginCall(beginning) {
            case .begun: CrashPoint.afterCallBegan.pass()
            case .exists(let effect):
                admission.returnUnused()
                return .failure(ChangedRow(effect: effect))
            case .paused:
                admission.returnUnused()
                return .success(EffectDispatcher.paused(effect.connection))
            case .fenced:
                admission.returnUnused()
                return .success(.fenced)
            }
        } catch {
            admission.returnUnused()
            return .success(.failure(EffectDispatcher.storage("the call could not be recorded: \(error)")))
        }
        let remaining = max(deadline - clock.monotonic(), .milliseconds(1))
        let outcome = await perform(prepared, timeout: remaining)
        CrashPoint.afterCallAnswer.pass()
        let counts = end(outcome, admission)
        let after = connections.reconcileRule(effect.connection, effect.operation)?.after
        let answer = await settle(outcome, of: effect, lookUpAfter: after)
        guard counts else { return .success(.failure(CallFailure.offline(outside.nextProbe))) }
        await note(outcome.sign, outcome.failure, of: effect.connection)
        return .success(answer)
    }

    /// Goes through the gate of a connection; fails at once when that cannot come to pass.
    private func enter(
        _ connection: String, _ keys: EffectKeys, deadline: Duration
    ) async -> Result<Admission, CallFailure> {
        if outside.isOffline { return .failure(CallFailure.offline(outside.nextProbe)) }
        guard let lane = connections.lane(connection) else {
            return .failure(EffectDispatcher.busy(connection, wait: nil))
        }
        // What is sent with no time left for an answer would only become an unknown outcome.
        let left = deadline - clock.monotonic()
        switch await lane.enter(as: .call, keys, within: left - min(limits.answer, left / 2)) {
        case .admitted(let pass): return .success(Admission(lane: lane, pass: pass))
        case .turnedAway(for: let wait): return .failure(EffectDispatcher.busy(connection, wait: wait))
        case .overBudget: return .failure(EffectDispatcher.busy(connection, wait: nil))
        case .circuitOpen(let wait): return .failure(CallFailure.circuitOpen(connection, wait: wait))
        }
    }

    /// How long a call is told to wait when nobody knows how long those before it take. 5 s.
    private static let busyWait = Duration.seconds(5)

    private static func busy(_ connection: String, wait: Duration?) -> CallFailure {
        CallFailure(
            code: CallFailure.busyCode,
            message: "the connection \(connection) was at its rate or concurrency until the deadline",
            isRetryable: true, outcome: .definite, retryAfter: wait ?? busyWait)
    }

    private static func paused(_ connection: String) -> CallAnswer {
        .endRun(
            .park(.connectionPaused),
            AttemptFailure(
                .handedBack, "the connection \(connection) is paused: grapnel resume connection \(connection)"))
    }

    /// Asks the vendor whether a call took place that nobody knows of.
    private func lookUp(
        _ effect: Effect, _ request: CallRequest, deadline: Duration
    ) async -> Result<CallAnswer, ChangedRow> {
        guard let rule = connections.reconcileRule(effect.connection, effect.operation) else {
            return .success(EffectDispatcher.parked(effect))
        }
        if isPaused(effect.connection) {
            // A run that is parked for a pause that is over is woken at once, and would be parked again.
            await readPauses()
            if isPaused(effect.connection) { return .success(EffectDispatcher.paused(effect.connection)) }
        }
        if let wait = effect.waitBeforeLookUp(after: rule.after, now: clock.now()) {
            return .success(.failure(EffectDispatcher.unknown(effect, retryAfter: wait)))
        }
        let admission: Admission
        switch await enter(effect.connection, .none, deadline: deadline) {
        case .success(let entered): admission = entered
        case .failure(let failure): return .success(.failure(failure))
        }
        let context = SendingContext(
            idempotencyKey: effect.idempotencyKey, event: request.run.event.id, run: request.run.run.id,
            recipe: effect.recipe, now: clock.now())
        let (outcome, answer) = await lookUp(
            effect, input: request.input, context, timeout: max(deadline - clock.monotonic(), .milliseconds(1)))
        guard end(outcome, admission) else {
            return .success(.failure(CallFailure.offline(outside.nextProbe)))
        }
        await note(outcome.sign, outcome.failure, of: effect.connection)
        var settlement = CallSettlement(
            effect: effect.id, sends: effect.sends, state: .unknown, status: outcome.status, isLookup: true)
        var settled = effect
        switch answer {
        case .found(let output, _):
            settlement.state = .confirmed
            settlement.output = JSONWriter.bytes(output)
        case .missing:
            settlement.state = .failed
            settlement.failure = .notFound
        case .failed(let failure):
            settlement.failure = failure.afterLookup
        }
        guard await record(settlement) else {
            return .success(.failure(EffectDispatcher.storage("what the vendor said was not recorded", .unknown)))
        }
        settled.state = settlement.state
        settled.failure = settlement.failure
        settled.output = settlement.output
        guard settled.state == .unknown else { return .failure(ChangedRow(effect: settled)) }
        var isLast = (effect.lookups ?? 0) + 1 >= rule.tries
        if case .failed(let failure) = answer, !failure.isRetryable { isLast = true }
        return .success(
            isLast
                ? EffectDispatcher.parked(settled) : .failure(EffectDispatcher.unknown(settled, retryAfter: rule.after))
        )
    }

    /// What a run is told of a call that it must wait to know of.
    private static func unknown(_ effect: Effect, retryAfter: Duration) -> CallFailure {
        var failure =
            effect.failure
            ?? CallFailure(
                code: "outcome_unknown", message: "nobody knows yet whether it took place", isRetryable: true,
                outcome: .unknown)
        failure.retryAfter = max(failure.retryAfter ?? .zero, retryAfter)
        return failure
    }

    private static func parked(_ effect: Effect) -> CallAnswer {
        .endRun(
            .park(.unknownEffect), unknown(effect.failure, "\(effect.connection).\(effect.operation)"))
    }

    private func settle(
        _ outcome: OperationOutcome, of effect: Effect, lookUpAfter: Duration?
    ) async -> CallAnswer {
        var settlement = CallSettlement(
            effect: effect.id, sends: effect.sends, state: .confirmed, status: outcome.status)
        let answer: CallAnswer
        switch outcome {
        case .confirmed(let output, _):
            settlement.output = JSONWriter.bytes(output)
            answer = .output(output)
        case .failed(let failure):
            settlement.state = .failed
            settlement.failure = failure
            answer = EffectDispatcher.answer(failing: failure)
        case .unknown(let failure):
            settlement.state = .unknown
            settlement.failure = failure
            let policy = UnknownPolicy.decide(
                effect.effectClass, keyValidUntil: effect.keyValidUntil, canLookUp: effect.lookups != nil,
                humanSaidResend: false, now: clock.now())
            switch (policy, lookUpAfter) {
            case (.park, _):
                answer = .endRun(
                    .park(.unknownEffect), AttemptFailure(.callUnknown, failure.message, isRetryable: false))
            case (.lookUp, let after?):
                var later = failure
                later.retryAfter = max(failure.retryAfter ?? .zero, after)
                answer = .failure(later)
            default: answer = .failure(failure)
            }
        }
        return await record(settlement)
            ? answer : .failure(EffectDispatcher.storage("its answer was not recorded", .unknown))
    }

    /// Commits an outcome; tries again while the storage does not take it. `false` when it never did.
    private func record(_ settlement: CallSettlement) async -> Bool {
        var pause = Duration.milliseconds(50)
        while true {
            do {
                try await writer.settleCall(settlement)
                CrashPoint.afterCallRecorded.pass()
                return true
            } catch let error as QueueError where error.code == .full || error.code == .storage {
                guard (try? await clock.sleep(for: pause)) != nil else { return false }
                pause = min(pause * 2, .seconds(5))
            } catch {
                logger.error(
                    "the outcome of a call could not be recorded",
                    metadata: ["effect.id": "\(settlement.effect)", "error": "\(error)"])
                return false
            }
        }
    }

    /// The row as it is while the call is in flight.
    private func row(
        _ request: CallRequest, _ wanted: WantedEffect, _ operation: ConnectionOperation, _ existing: Effect?,
        maybeDuplicate: Bool
    ) -> Effect {
        let now = clock.now()
        let run = request.run.run
        var effect =
            existing
            ?? Effect(
                id: identifiers.next(), tenant: run.tenant, origin: run.origin, run: run.id, recipe: run.recipe,
                step: request.step, kind: .call, connection: request.connection, operation: request.operation,
                effectClass: wanted.effectClass, state: .inFlight, fingerprint: wanted.fingerprint,
                idempotencyKey: IdempotencyKey.make(
                    origin: run.origin, recipe: run.recipe, step: request.step, tenantKey: tenantKey),
                input: JSONWriter.bytes(request.input), createdAt: now)
        // The vendor's memory of the key began with the first sending that may have arrived.
        let mayHaveArrived = existing?.state == .unknown || existing?.state == .inFlight
        if !mayHaveArrived { effect.keyValidUntil = operation.keyWindow.map { now + $0 } }
        effect.run = run.id
        effect.effectClass = wanted.effectClass
        effect.state = .inFlight
        effect.sends += 1
        effect.lookups = operation.reconcile == nil ? nil : 0
        effect.maybeDuplicate = maybeDuplicate
        effect.humanSaidResend = false
        effect.sentAt = now
        effect.settledAt = nil
        effect.status = nil
        effect.failure = nil
        return effect
    }

    /// What a run is told of a definite failure: credentials that a person must mend end it, anything else it may catch.
    private static func answer(failing failure: CallFailure) -> CallAnswer {
        guard failure.parksForCredentials else { return .failure(failure) }
        return .endRun(
            .park(.connectionUnauthorized), AttemptFailure(.callFailed, failure.message, isRetryable: false))
    }

    private static func unknown(_ failure: CallFailure?, _ name: String) -> AttemptFailure {
        let why = failure.map { ": \($0.message)" } ?? ""
        return AttemptFailure(
            .callUnknown,
            "nobody knows whether \(name) took place\(why); look at the vendor, then confirm, resend or drop the effect",
            isRetryable: false)
    }

    private static func storage(_ message: String, _ outcome: CallFailure.Outcome = .definite) -> CallFailure {
        CallFailure(code: "storage", message: message, isRetryable: true, outcome: outcome)
    }
}
