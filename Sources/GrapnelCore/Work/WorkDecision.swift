/// What becomes of a leased run or output, decided from facts alone; the queue applies it under the fence.
package enum WorkDecision: Sendable, Hashable {
    /// leased → succeeded.
    case succeed
    /// leased → scheduled (or ready, when `at` is now).
    case retry(at: Timestamp)
    /// leased → dead.
    case die(DeadReason)
    /// leased → parked.
    case park(ParkReason)
}

extension WorkDecision: CustomStringConvertible {
    /// As logs tell it.
    package var description: String {
        switch self {
        case .succeed: "succeeded"
        case .retry(let time): "retry at \(time)"
        case .die(let reason): "dead: \(reason.rawValue)"
        case .park(let reason): "parked: \(reason.rawValue)"
        }
    }
}

extension RetryPolicy {
    /// What follows a failed try.
    ///
    /// - Parameters:
    ///   - failure: How it failed.
    ///   - counters: The counters with this try already counted (`WorkCounters.counting`).
    ///   - now: Wall-clock time.
    ///   - unit: A random number in 0 ..< 1, for jitter.
    package func decision(
        after failure: AttemptFailure, counters: WorkCounters, now: Timestamp, unit: Double
    ) -> WorkDecision {
        switch failure.kind {
        case .handedBack: return .retry(at: now)
        case .leaseLost: return counters.losses >= maxLosses ? .die(.exhausted) : .retry(at: now)
        case .discarded: return .die(.rejected)
        // Code that breaks its sandbox is not let into another one.
        case .syscall: return .park(.quarantined)
        case .nondeterministic: return .die(.nondeterministic)
        case .expired: return .die(.expired)
        default: break
        }
        if counters.deaths >= maxDeaths { return .die(.poison) }
        guard failure.isRetryable else { return .die(.rejected) }
        guard counters.attempts < maxAttempts else { return .die(.exhausted) }
        return .retry(
            at: now + delay(afterAttempt: counters.attempts, retryAfter: failure.retryAfter, unit: unit))
    }
}

extension WorkCounters {
    /// The counters after a try that ended this way (`nil`: it succeeded).
    package func counting(_ failure: AttemptFailureKind?) -> WorkCounters {
        var next = self
        switch failure {
        case let kind? where !kind.isTry: break
        case .leaseLost: next.losses += 1
        case let kind?:
            next.attempts += 1
            if kind.isDeath { next.deaths += 1 }
        case nil: next.attempts += 1
        }
        return next
    }
}
