package import GrapnelCore
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
            idempotencyKey: key, keyWindow: operation.keyWindow, delay: output.delay,
            startNow: output.delay <= .zero && reserve(key, connection: output.connection))
    }

    /// Takes a place for an output that is sent as soon as its run is committed. It may stand in line for its
    /// connection; only one that would stand there too long waits in the queue.
    private func reserve(_ key: String, connection: String) -> Bool {
        guard let lane = connections.lane(connection) else { return false }
        if lane.isShut(for: limits.patience) { return false }
        return room.reserve(key, connection: connection, at: clock.monotonic()) { lane.tryEnter() == .admitted }
    }

    package func deliver(_ outputs: [LeasedOutput]) {
        for output in outputs { enqueue(output, isAdmitted: room.take(output)) }
    }

    package func release(_ outputs: [OutputIntent]) {
        for output in outputs where output.startNow && room.cancel(output.idempotencyKey) {
            connections.lane(output.connection)?.returnUnused()
        }
    }

    /// Sends an output and records what came of it.
    func send(_ delivery: Delivery) async {
        let output = delivery.output
        defer {
            if room.drop(output) { wake() }
        }
        let lane = connections.lane(output.effect.connection)
        if let lane, !delivery.isAdmitted {
            guard await lane.enter(as: .output, within: limits.patience) else {
                _ = await record(OutputDecision.handBack(output, at: clock.now() + delay(after: lane.admission())))
                return
            }
        }
        let startedAt = clock.now()
        let started = clock.monotonic()
        CrashPoint.beforeOutput.pass()
        let outcome = await perform(output)
        CrashPoint.afterOutputAnswer.pass()
        if let retryAfter = outcome.failure?.retryAfter { lane?.pause(for: retryAfter) }
        lane?.leave()
        let finish = OutputDecision.finish(
            outcome, of: output, startedAt: startedAt, now: clock.now(), took: clock.monotonic() - started,
            policy: policy, unit: random.unit())
        let isRecorded = await record(finish)
        note(outcome, of: output, finish.decision)
        if isRecorded { await tell(outcome, of: output, finish.decision) }
    }

    /// When an output that its connection turned away is worth another look.
    private func delay(after admission: ConnectionGate.Admission) -> Duration {
        switch admission {
        case .wait(let duration): duration
        // Another node, or this one after its restart, may have room at once.
        case .busy, .admitted: room.isClosed ? .zero : limits.poll
        }
    }

    private func perform(_ output: LeasedOutput) async -> OperationOutcome {
        let effect = output.effect
        guard let input = try? JSONParser.parse(effect.input) else {
            return OperationOutcome(
                CallFailure(
                    code: "invalid_input", message: "the recorded input is no JSON", isRetryable: false,
                    outcome: .definite))
        }
        let context = SendingContext(
            idempotencyKey: effect.idempotencyKey, event: output.event, run: effect.run, recipe: effect.recipe,
            now: clock.now())
        switch connections.prepare(effect.connection, effect.operation, input: input, context: context) {
        case .failure(let failure): return OperationOutcome(failure)
        case .success(let prepared): return await perform(prepared, timeout: nil)
        }
    }

    /// Sends a prepared request and judges the answer.
    func perform(_ prepared: PreparedRequest, timeout: Duration?) async -> OperationOutcome {
        var request = prepared.request
        if let timeout { request.timeout = min(request.timeout ?? timeout, timeout) }
        return prepared.outcome(of: await egress.perform(request), now: clock.now())
    }

    /// Commits the end of a try; tries again while the storage does not take it, because the vendor has done its part.
    /// `false` when it was not committed.
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
        case .park(let reason) where reason == .unknownEffect || reason == .connectionUnauthorized:
            await notices.post(.parked(effect, event: event, reason: reason, error: error))
        case .park, .retry, .succeed: break
        }
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
