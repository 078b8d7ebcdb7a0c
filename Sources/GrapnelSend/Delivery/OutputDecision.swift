import GrapnelCore
import GrapnelFormat
import GrapnelQueue

/// What becomes of an output after a try, decided from facts alone.
enum OutputDecision {
    /// The end of a try.
    ///
    /// - Parameters:
    ///   - outcome: What the answer said.
    ///   - leased: The output, with the counters before this try.
    ///   - startedAt: When the try began.
    ///   - now: Wall-clock time.
    ///   - took: How long the try took.
    ///   - lookUpAfter: How long after the try an unknown outcome is looked up, when it can be.
    ///   - policy: The schedule of retries.
    ///   - unit: A random number in 0 ..< 1.
    static func finish(
        _ outcome: OperationOutcome, of leased: LeasedOutput, startedAt: Timestamp, now: Timestamp, took: Duration,
        lookUpAfter: Duration? = nil, policy: RetryPolicy, unit: Double
    ) -> OutputFinish {
        let effect = leased.effect
        let failure: AttemptFailure? = outcome.failure.map { failure in
            AttemptFailure(
                failure.outcome == .unknown ? .callUnknown : .callFailed, failure.message,
                isRetryable: failure.isRetryable, retryAfter: failure.retryAfter)
        }
        let counters = leased.counters.counting(failure?.kind)
        let attempt = Attempt(
            ordinal: counters.attempts, startedAt: startedAt, took: took, failure: failure, status: outcome.status)
        var finish = OutputFinish(
            effect: effect.id, fence: leased.fence, decision: .succeed, counters: counters, attempt: attempt,
            state: .confirmed, status: outcome.status)
        switch (outcome, failure) {
        case (.confirmed(let output, _), _):
            finish.output = JSONWriter.bytes(output)
        case (.failed(let callFailure), let failure?):
            finish.state = .failed
            finish.failure = callFailure
            finish.decision =
                callFailure.parksForCredentials
                ? .park(.connectionUnauthorized)
                : policy.decision(after: failure, counters: counters, now: now, unit: unit)
        case (.unknown(let callFailure), let failure?):
            finish.state = .unknown
            finish.failure = callFailure
            // A human's word was for the sending that has just ended: the next one needs another.
            let unknown = UnknownPolicy.decide(
                effect.effectClass, keyValidUntil: effect.keyValidUntil, canLookUp: effect.lookups != nil,
                humanSaidResend: false, now: now)
            switch (unknown, lookUpAfter) {
            case (.park, _): finish.decision = .park(.unknownEffect)
            case (.lookUp, let after?): finish.decision = .retry(at: now + after)
            default: finish.decision = policy.decision(after: failure, counters: counters, now: now, unit: unit)
            }
        default: break
        }
        return finish
    }

    /// The end of an output that is too old to be sent; `nil` when it is not. What may have taken place is never too old.
    ///
    /// - Parameters:
    ///   - leased: The output.
    ///   - expire: How long after the moment that it is meant for it may still be sent; `nil`: for ever.
    ///   - now: When it would be sent.
    static func expired(_ leased: LeasedOutput, expire: Duration?, at now: Timestamp) -> OutputFinish? {
        let effect = leased.effect
        guard let expire, effect.state == .inFlight, !effect.maybeDuplicate,
            now - (leased.plannedFor ?? effect.createdAt) > expire
        else { return nil }
        let message =
            "it should have been sent more than \(expire.text) ago, which is the most that expire: of its connection lets pass"
        return OutputFinish(
            effect: effect.id, fence: leased.fence, decision: .die(.expired), counters: leased.counters, attempt: nil,
            state: .intended,
            failure: CallFailure(code: "expired", message: message, isRetryable: false, outcome: .definite))
    }

    /// The end of a lease under which nothing was sent: no attempt, and due again at `time`.
    static func handBack(_ leased: LeasedOutput, at time: Timestamp) -> OutputFinish {
        let effect = leased.effect
        // One that was taken to be looked up is as unknown as it was.
        let wasLookup = effect.state == .unknown
        return OutputFinish(
            effect: effect.id, fence: leased.fence, decision: .retry(at: time), counters: leased.counters,
            attempt: nil, state: wasLookup ? .unknown : .intended, status: wasLookup ? effect.status : nil,
            failure: wasLookup ? effect.failure : nil)
    }

    /// The end of a look-up: what the vendor says is what happened.
    ///
    /// - Parameters:
    ///   - answer: What the vendor said.
    ///   - leased: The output, with the counters that it keeps: nothing was sent.
    ///   - rule: How often and when to ask again.
    ///   - policy: The schedule of retries, counted from the sending: by it is sent again what did not take place, the
    ///     first time at once.
    ///   - unit: A random number in 0 ..< 1.
    static func finish(
        _ answer: PreparedLookup.Answer, of leased: LeasedOutput, rule: ReconcileRule, startedAt: Timestamp,
        now: Timestamp, took: Duration, policy: RetryPolicy, unit: Double
    ) -> OutputFinish {
        let effect = leased.effect
        func finish(_ decision: WorkDecision, _ state: EffectState, _ failure: CallFailure?, _ status: Int?)
            -> OutputFinish
        {
            let attempt = Attempt(
                ordinal: leased.counters.attempts + 1, startedAt: startedAt, took: took,
                failure: failure.map { AttemptFailure(.callUnknown, $0.message, isRetryable: $0.isRetryable) },
                status: status)
            return OutputFinish(
                effect: effect.id, fence: leased.fence, decision: decision, counters: leased.counters,
                attempt: attempt, state: state, status: status, failure: failure, isLookup: true)
        }
        switch answer {
        case .found(let output, let status):
            var end = finish(.succeed, .confirmed, nil, status)
            end.output = JSONWriter.bytes(output)
            return end
        case .missing(let status):
            let failure = CallFailure.notFound
            let decision = policy.decision(
                after: AttemptFailure(.callFailed, failure.message), counters: leased.counters,
                now: effect.sentAt ?? now, unit: unit)
            guard case .retry(let at) = decision else { return finish(decision, .failed, failure, status) }
            return finish(
                .retry(at: leased.counters.attempts > 1 ? max(at, now) : now), .failed, failure, status)
        case .failed(let failure):
            let isLast = !failure.isRetryable || (effect.lookups ?? 0) + 1 >= rule.tries
            return finish(
                isLast ? .park(.unknownEffect) : .retry(at: now + max(rule.after, failure.retryAfter ?? .zero)),
                .unknown, failure.afterLookup, failure.status)
        }
    }
}

extension CallFailure {
    /// The vendor says that it did not happen: it is sent again.
    static let notFound = CallFailure(
        code: "not_found", message: "the vendor was asked, and it had not taken place", isRetryable: true,
        outcome: .definite)

    /// What is still unknown after a look-up that failed.
    var afterLookup: CallFailure {
        CallFailure(
            code: code, message: "nobody knows whether it took place, and the look-up failed: \(message)",
            status: status, isRetryable: true, outcome: .unknown, retryAfter: retryAfter)
    }
}
