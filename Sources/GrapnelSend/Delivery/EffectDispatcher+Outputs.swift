package import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import Logging

extension EffectDispatcher {
    package func plan(_ outputs: [OutputRequest], of run: LeasedRun) throws(AttemptFailure) -> [OutputIntent] {
        var intents: [OutputIntent] = []
        do throws(AttemptFailure) {
            for output in outputs { intents.append(try plan(output, of: run)) }
        } catch {
            release(intents)
            throw error
        }
        return intents
    }

    private func plan(_ output: OutputRequest, of run: LeasedRun) throws(AttemptFailure) -> OutputIntent {
        let operation: ConnectionOperation
        switch connections.operation(output.connection, output.operation, input: output.input) {
        case .success(let found): operation = found
        case .failure(let failure):
            throw AttemptFailure(.badOutput, "send.\(output.connection).\(output.operation): \(failure.message)")
        }
        let key = IdempotencyKey.make(
            origin: run.run.origin, recipe: run.run.recipe, step: output.step, tenantKey: tenantKey)
        return OutputIntent(
            step: output.step, connection: output.connection, operation: output.operation,
            effectClass: operation.effectClass, input: JSONWriter.bytes(output.input),
            fingerprint: EffectFingerprint.make(
                connection: output.connection, operation: output.operation, input: output.input),
            idempotencyKey: key, keyWindow: operation.keyWindow, canLookUp: operation.reconcile != nil,
            delay: output.delay,
            startNow: output.delay <= .zero && reserve(key, output),
            lane: connections.lane(of: output))
    }

    /// Takes a place for an output that is sent as soon as its run is committed. It may stand in line for its
    /// connection; only one that would stand there too long, or for its key, waits in the queue.
    private func reserve(_ key: String, _ output: OutputRequest) -> Bool {
        guard let lane = connections.lane(output.connection) else { return false }
        if outside.isOffline || lane.isShut(for: limits.patience) { return false }
        let keys = connections.keys(output.connection, output.operation, input: output.input)
        if lane.isTaken(keys) { return false }
        return room.reserve(key, connection: output.connection, at: clock.monotonic()) {
            lane.tryEnter(keys).map { Admission(lane: lane, pass: $0) }
        }
    }

    package func deliver(_ outputs: [LeasedOutput]) {
        for output in outputs { enqueue(output, room.take(output)) }
    }

    package func release(_ outputs: [OutputIntent]) {
        for output in outputs where output.startNow { room.cancel(output.idempotencyKey)?.returnUnused() }
    }

    /// Sends an output, or asks the vendor what became of it, and records what came of that.
    func send(_ delivery: Delivery) async {
        let output = delivery.output
        defer {
            if room.drop(output) { wake() }
        }
        let effect = output.effect
        let rule = connections.reconcileRule(effect.connection, effect.operation)
        if effect.state == .unknown, rule == nil {
            // Its connector no longer says how to look it up, and sending it again is not for the hub to decide.
            var finish = OutputDecision.handBack(output, at: clock.now())
            finish.decision = .park(.unknownEffect)
            await end(delivery, unsent: finish)
            return
        }
        let expiry = connections.expiry(effect.connection)
        if let finish = OutputDecision.expired(output, expire: expiry, at: clock.now()) {
            return await expire(delivery, finish)
        }
        if effect.state == .unknown, let rule, let wait = effect.waitBeforeLookUp(after: rule.after, now: clock.now()) {
            await end(delivery, unsent: OutputDecision.handBack(output, at: clock.now() + wait))
            return
        }
        if isPaused(effect.connection) {
            await end(delivery, unsent: OutputDecision.handBack(output, at: clock.now()))
            return
        }
        var admission = delivery.admission
        if admission == nil, let lane = connections.lane(effect.connection) {
            switch outside.isOffline ? .turnedAway(for: nil) : await enter(lane, output) {
            case .admitted(let pass): admission = Admission(lane: lane, pass: pass)
            case let entry: return await handBack(output, entry, lane)
            }
        }
        let startedAt = clock.now()
        let started = clock.monotonic()
        CrashPoint.beforeOutput.pass()
        // Read before the request is made: at the most it is older than what the request carries.
        let credentials = connections.fingerprints[effect.connection]
        var finish: OutputFinish
        let outcome: OperationOutcome
        if effect.state == .unknown, let rule {
            let answer: PreparedLookup.Answer
            (outcome, answer) = await lookUp(output)
            finish = OutputDecision.finish(
                answer, of: output, rule: rule, startedAt: startedAt, now: clock.now(),
                took: clock.monotonic() - started, policy: policy, unit: random.unit())
        } else {
            outcome = await perform(output)
            finish = OutputDecision.finish(
                outcome, of: output, startedAt: startedAt, now: clock.now(), took: clock.monotonic() - started,
                lookUpAfter: rule?.after, policy: policy, unit: random.unit())
            finish.credentials = credentials
        }
        CrashPoint.afterOutputAnswer.pass()
        guard end(outcome, admission) else {
            // Nobody was there, and that is not this vendor's doing.
            await record(OutputDecision.handBack(output, at: clock.now()))
            return
        }
        let isRecorded = await record(finish)
        await note(outcome.sign, outcome.failure, of: effect.connection)
        note(outcome, of: output, finish.decision)
        if isRecorded { await tell(outcome, of: output, finish.decision) }
    }

    /// Ends a delivery that asks its vendor nothing: whatever let it through its connection's gate is free for others.
    @discardableResult
    private func end(_ delivery: Delivery, unsent finish: OutputFinish) async -> Bool {
        delivery.admission?.returnUnused()
        return await record(finish)
    }

    /// Ends an output that is too old to be sent.
    private func expire(_ delivery: Delivery, _ finish: OutputFinish) async {
        guard await end(delivery, unsent: finish) else { return }
        let output = delivery.output
        let message = finish.failure?.message
        logger.notice(
            "an output was too old to be sent",
            metadata: ["effect.id": "\(output.effect.id)", "event.id": "\(output.event)"])
        await notices.post(.deadLetter(output.effect, event: output.event, reason: .expired, error: message))
    }

    /// Goes through the gate of an output's connection. A look-up counts for no key: it is another operation.
    private func enter(_ lane: ConnectionLane, _ output: LeasedOutput) async -> ConnectionLane.Entry {
        let effect = output.effect
        if effect.state == .unknown { return await lane.enter(as: .output, within: limits.patience) }
        return await lane.enter(
            as: effect.sends > 1 ? .retry : .output, connections.keys(of: effect), isBack: output.fence > 1,
            within: limits.patience)
    }

    /// Returns an output that its connection turned away to the queue, for when it is worth another look.
    private func handBack(_ output: LeasedOutput, _ entry: ConnectionLane.Entry, _ lane: ConnectionLane) async {
        let delay: Duration =
            switch entry {
            // The queue knows whole milliseconds: rather a little later than too early.
            case .turnedAway(for: let wait?), .circuitOpen(let wait): wait + .milliseconds(1)
            case .overBudget: lane.retryDelay(unit: random.unit())
            // Another node, or this one after its restart, may have room at once.
            case .turnedAway(for: nil), .admitted: room.isClosed || outside.isOffline ? .zero : limits.poll
            }
        await record(OutputDecision.handBack(output, at: clock.now() + delay))
    }

    /// Asks the vendor whether an output took place.
    private func lookUp(_ output: LeasedOutput) async -> (OperationOutcome, PreparedLookup.Answer) {
        let effect = output.effect
        guard let input = try? JSONParser.parse(effect.input) else {
            let failure = EffectDispatcher.unreadableInput
            return (OperationOutcome(failure), .failed(failure))
        }
        return await lookUp(
            effect, input: input,
            SendingContext(
                idempotencyKey: effect.idempotencyKey, event: output.event, run: effect.run, recipe: effect.recipe,
                now: clock.now()), timeout: nil)
    }

    /// Asks the vendor whether an effect took place.
    func lookUp(
        _ effect: Effect, input: JSON, _ context: SendingContext, timeout: Duration?
    ) async -> (OperationOutcome, PreparedLookup.Answer) {
        switch connections.prepareLookup(effect.connection, effect.operation, input: input, context: context) {
        case .failure(let failure): return (OperationOutcome(failure), .failed(failure))
        case .success(let lookup):
            let outcome = await perform(lookup.prepared, timeout: timeout)
            return (outcome, lookup.answer(of: outcome))
        }
    }

    private func perform(_ output: LeasedOutput) async -> OperationOutcome {
        let effect = output.effect
        guard let input = try? JSONParser.parse(effect.input) else {
            return OperationOutcome(EffectDispatcher.unreadableInput)
        }
        let context = SendingContext(
            idempotencyKey: effect.idempotencyKey, event: output.event, run: effect.run, recipe: effect.recipe,
            now: clock.now())
        switch connections.prepare(effect.connection, effect.operation, input: input, context: context) {
        case .failure(let failure): return OperationOutcome(failure)
        case .success(let prepared): return await perform(prepared, timeout: nil)
        }
    }

    private static let unreadableInput = CallFailure(
        code: "invalid_input", message: "the recorded input is no JSON", isRetryable: false, outcome: .definite)

    /// Sends a prepared request and judges the answer.
    func perform(_ prepared: PreparedRequest, timeout: Duration?) async -> OperationOutcome {
        var request = prepared.request
        if let timeout { request.timeout = min(request.timeout ?? timeout, timeout) }
        return prepared.outcome(of: await egress.perform(request), now: clock.now())
    }

    /// Commits the end of a try; tries again while the storage does not take it, because the vendor has done its part.
    /// `false` when it was not committed.
    @discardableResult
    private func record(_ finish: OutputFinish) async -> Bool {
        var pause = Duration.milliseconds(50)
        while true {
            do {
                if try await writer.finishOutput(finish) { return true }
                logger.warning(
                    "the lease of an output was lost before its end was recorded",
                    metadata: ["effect.id": "\(finish.effect)"])
                return false
            } catch let error as QueueError where error.code == .full || error.code == .storage {
                logger.warning(
                    "the end of an output could not be recorded yet",
                    metadata: ["effect.id": "\(finish.effect)", "error": "\(error)"])
                guard (try? await clock.sleep(for: pause)) != nil else { return false }
                pause = min(pause * 2, .seconds(5))
            } catch {
                logger.error(
                    "the end of an output could not be recorded",
                    metadata: ["effect.id": "\(finish.effect)", "error": "\(error)"])
                return false
            }
        }
    }

    /// Tells the operator when an output gave up, or waits for a human.
    private func tell(_ outcome: OperationOutcome, of output: LeasedOutput, _ decision: WorkDecision) async {
        let (effect, event, error) = (output.effect, output.event, outcome.failure?.message)
        switch decision {
        case .die(let reason): await notices.post(.deadLetter(effect, event: event, reason: reason, error: error))
        case .park(.connectionUnauthorized) where await hasGoneOn(effect.id): break
        case .park(let reason) where reason == .unknownEffect || reason == .connectionUnauthorized:
            await notices.post(.parked(effect, event: event, reason: reason, error: error))
        case .park, .retry, .succeed: break
        }
    }

    /// Whether an output that should wait for other credentials does not: they had come meanwhile.
    private func hasGoneOn(_ id: Identifier<Effect>) async -> Bool {
        guard let delivery = try? await reader.effect(id)?.delivery else { return false }
        return delivery.state != .parked
    }

    private func note(_ outcome: OperationOutcome, of output: LeasedOutput, _ decision: WorkDecision) {
        guard let failure = outcome.failure else { return }
        logger.notice(
            "an output was not confirmed",
            metadata: [
                "effect.id": "\(output.effect.id)", "event.id": "\(output.event)",
                "operation": "\(output.effect.connection).\(output.effect.operation)", "code": "\(failure.code)",
                "outcome": "\(failure.outcome.rawValue)", "decision": "\(decision)", "error": "\(failure.message)",
            ])
    }
}
