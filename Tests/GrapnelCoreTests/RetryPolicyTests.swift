import GrapnelCore
import Testing

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy()
    private let now = Timestamp(milliseconds: 1_000_000)

    private func decide(_ kind: AttemptFailureKind, _ counters: WorkCounters, retryable: Bool = true) -> WorkDecision {
        policy.decision(
            after: AttemptFailure(kind, "why", isRetryable: retryable), counters: counters, now: now, unit: 0.5)
    }

    @Test func `the schedule is that of Standard Webhooks`() {
        let seconds = (1...9).map { policy.delay(afterAttempt: $0, retryAfter: nil, unit: 0.5).components.seconds }
        #expect(seconds == [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400])
    }

    @Test func `jitter stays within a fifth`() {
        #expect(policy.delay(afterAttempt: 2, retryAfter: nil, unit: 0) == .seconds(240))
        #expect(policy.delay(afterAttempt: 2, retryAfter: nil, unit: 0.999_999) < .seconds(360))
    }

    @Test func `what the vendor asks for goes first, up to a day`() {
        #expect(policy.delay(afterAttempt: 1, retryAfter: .seconds(77), unit: 0) == .seconds(77))
        #expect(policy.delay(afterAttempt: 1, retryAfter: .seconds(999_999), unit: 0) == .seconds(86_400))
        #expect(policy.delay(afterAttempt: 1, retryAfter: .seconds(-5), unit: 0) == .zero)
    }

    @Test func `a failed try is tried again until the attempts are used up`() {
        #expect(decide(.threw, WorkCounters(attempts: 1)) == .retry(at: now + .seconds(5)))
        #expect(decide(.threw, WorkCounters(attempts: 9)) == .retry(at: now + .seconds(86_400)))
        #expect(decide(.threw, WorkCounters(attempts: 10)) == .die(.exhausted))
    }

    @Test func `three deaths make poison, whatever the attempts`() {
        #expect(decide(.memory, WorkCounters(attempts: 2, deaths: 2)) == .retry(at: now + .seconds(300)))
        #expect(decide(.memory, WorkCounters(attempts: 3, deaths: 3)) == .die(.poison))
    }

    @Test func `a lost lease is no failure of the code`() {
        let counters = WorkCounters(attempts: 9).counting(.leaseLost)
        #expect(counters == WorkCounters(attempts: 9, losses: 1))
        #expect(decide(.leaseLost, counters) == .retry(at: now))
        #expect(decide(.leaseLost, WorkCounters(losses: 20)) == .die(.exhausted))
    }

    @Test func `what is handed back costs nothing`() {
        #expect(WorkCounters(attempts: 3).counting(.handedBack) == WorkCounters(attempts: 3))
        #expect(decide(.handedBack, WorkCounters(attempts: 10)) == .retry(at: now))
    }

    @Test func `what no retry can help is dead at once`() {
        #expect(decide(.discarded, WorkCounters(attempts: 1)) == .die(.rejected))
        #expect(decide(.callFailed, WorkCounters(attempts: 1), retryable: false) == .die(.rejected))
        #expect(decide(.nondeterministic, WorkCounters(attempts: 1)) == .die(.nondeterministic))
    }

    @Test(arguments: AttemptFailureKind.allCases)
    func `only what kills an isolate counts as a death`(kind: AttemptFailureKind) {
        let deaths: Set<AttemptFailureKind> = [.cpu, .memory, .syscall, .crash, .protocol]
        #expect(WorkCounters().counting(kind).deaths == (deaths.contains(kind) ? 1 : 0))
    }
}
