import GrapnelCore
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
    ///   - policy: The schedule of retries.
    ///   - unit: A random number in 0 ..< 1.
    static func finish(
        _ outcome: OperationOutcome, of leased: LeasedOutput, startedAt: Timestamp, now: Timestamp, took: Duration,
        policy: RetryPolicy, unit: Double
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
                effect.effectClass, keyValidUntil: effect.keyValidUntil, humanSaidResend: false, now: now)
            finish.decision =
                unknown == .park
                ? .park(.unknownEffect)
                : policy.decision(after: failure, counters: counters, now: now, unit: unit)
        default: break
        }
        return finish
    }

    /// The end of a lease under which nothing was sent: no attempt, and due again at `time`.
    static func handBack(_ leased: LeasedOutput, at time: Timestamp) -> OutputFinish {
        OutputFinish(
            effect: leased.effect.id, fence: leased.fence, decision: .retry(at: time), counters: leased.counters,
            attempt: nil, state: .intended)
    }
}
