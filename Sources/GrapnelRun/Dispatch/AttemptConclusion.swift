package import GrapnelCore
package import GrapnelQueue

/// The end of an attempt, decided from facts alone; the dispatcher commits it once.
package struct AttemptConclusion: Sendable {
    package var leased: LeasedRun
    /// The version that ran.
    package var version: RecipeVersion
    package var policy: RetryPolicy
    package var limits: HostLimits
    /// `reply:` of the recipe.
    package var reply: ReplyPolicy?
    package var startedAt: Timestamp
    package var now: Timestamp
    /// A random number in 0 ..< 1, for jitter.
    package var unit: Double

    package init(
        leased: LeasedRun, version: RecipeVersion, policy: RetryPolicy, limits: HostLimits = HostLimits(),
        reply: ReplyPolicy?, startedAt: Timestamp, now: Timestamp, unit: Double
    ) {
        self.leased = leased
        self.version = version
        self.policy = policy
        self.limits = limits
        self.reply = reply
        self.startedAt = startedAt
        self.now = now
        self.unit = unit
    }

    /// What becomes of a run whose isolate ended.
    ///
    /// - Parameters:
    ///   - outcome: How the isolate ended.
    ///   - harvest: What the run left with its host.
    ///   - outputs: The run's outputs, planned; asked for only when the handler returned.
    package func finish(
        _ outcome: IsolateOutcome, harvest: RunHarvest,
        outputs plan: ([OutputRequest]) throws(AttemptFailure) -> [OutputIntent]
    ) -> RunFinish {
        var log = harvest.log
        if outcome.droppedLogLines > 0 {
            log.append(
                LogLine(
                    level: .warn, at: now,
                    message: "\(outcome.droppedLogLines) more lines did not fit limits.log of recipe.yaml"))
        }
        if let ending = harvest.ending {
            var finish = failed(ending.failure, decision: ending.decision, outcome: outcome, log: log)
            finish.waitsFor = ending.connection
            return finish
        }
        let result: HandlerResult
        switch outcome.result {
        case .failed(let failure):
            if let wait = harvest.turnedAway, failure.isUncaught(wait) { return waits(wait) }
            let reason = failure.kind == .handedBack ? failure : harvest.refusal ?? failure
            return failed(reason, outcome: outcome, log: log)
        case .returned(let value): result = HandlerResult(returned: value)
        case .replied(let reply): result = HandlerResult(replied: reply)
        }
        if let refusal = harvest.refusal { return failed(refusal, outcome: outcome, log: log) }
        if let reply = result.reply, self.reply != nil, reply.body.count > limits.reply.bytes {
            return failed(
                AttemptFailure(.badOutput, "the reply is larger than \(limits.reply)"), outcome: outcome, log: log)
        }
        do throws(AttemptFailure) {
            return succeeded(
                result, outputs: harvest.outputs.isEmpty ? [] : try plan(harvest.outputs),
                keyValues: harvest.keyValues, outcome: outcome, log: log)
        } catch {
            let failure = harvest.absences.map { Forwarding.explained(error, absent: $0) } ?? error
            return failed(failure, outcome: outcome, log: log)
        }
    }

    /// What becomes of a run that failed otherwise than in its isolate.
    ///
    /// - Parameters:
    ///   - decision: What follows; `nil` lets the retry policy decide.
    ///   - outcome: How the isolate ended, when there was one.
    package func failed(
        _ failure: AttemptFailure, decision: WorkDecision? = nil, outcome: IsolateOutcome? = nil, log: [LogLine] = []
    ) -> RunFinish {
        let counters = leased.run.counters.counting(failure.kind)
        let decision = decision ?? policy.decision(after: failure, counters: counters, now: now, unit: unit)
        return RunFinish(
            run: leased.run.id, fence: leased.fence, decision: decision, counters: counters,
            attempt: failure.kind.isTry ? attempt(failure, outcome: outcome, log: log) : nil, version: version)
    }

    /// What becomes of a run that no handler was given.
    package func notStarted(_ failure: AttemptFailure, decision: WorkDecision?) -> RunFinish {
        var finish = failed(failure, decision: decision)
        if finish.attempt == nil { finish.reason = failure.message }
        return finish
    }

    /// What becomes of a run whose call was not made, because nothing could come of it: it waits, and was not tried.
    private func waits(_ wait: CallFailure) -> RunFinish {
        let isOffline = wait.code == CallFailure.offlineCode
        let delay = (wait.retryAfter ?? .seconds(1)) * (1 + AttemptConclusion.waitSpread * unit)
        var finish = failed(
            AttemptFailure(.handedBack, wait.message),
            decision: isOffline ? .park(.offline) : .retry(at: now + min(delay, RetryPolicy.longestRetryAfter)))
        if isOffline { finish.waitsFor = "" }
        return finish
    }

    /// How much later than a connection opens the last of the runs comes that wait for it, as a share of the wait.
    private static let waitSpread = 0.2

    private func succeeded(
        _ result: HandlerResult, outputs: [OutputIntent], keyValues: [KeyValueWrite], outcome: IsolateOutcome,
        log: [LogLine]
    ) -> RunFinish {
        var log = log
        var value = result.value.map { JSONWriter.bytes($0) }
        if let bytes = value, bytes.count > limits.result.bytes {
            value = nil
            log.append(
                LogLine(level: .warn, at: now, message: "the result is larger than \(limits.result) and is not kept"))
        }
        return RunFinish(
            run: leased.run.id, fence: leased.fence, decision: .succeed,
            counters: leased.run.counters.counting(nil), attempt: attempt(nil, outcome: outcome, log: log),
            version: version, result: value,
            // A handler that returns nothing leaves the answer to the manifest.
            reply: reply.map { result.reply ?? $0.otherwise }, outputs: outputs, keyValues: keyValues)
    }

    private func attempt(_ failure: AttemptFailure?, outcome: IsolateOutcome?, log: [LogLine]) -> Attempt {
        Attempt(
            ordinal: leased.run.counters.attempts + 1, startedAt: startedAt, took: outcome?.took ?? now - startedAt,
            failure: failure, version: version, coldStart: outcome?.coldStart, log: log)
    }
}

extension AttemptFailure {
    /// Whether the handler threw what a call that was not made had thrown.
    fileprivate func isUncaught(_ wait: CallFailure) -> Bool { kind == .callFailed && message.hasSuffix(wait.message) }
}
