import GrapnelCore
import GrapnelRun
import Testing

@Suite struct ExpiryRuleTests {
    @Test(arguments: [(Duration.seconds(59), false), (.seconds(60), false), (.milliseconds(60_001), true)])
    func `a run that is older than the recipe lets it be does not start`(age: Duration, isExpired: Bool) {
        let run = Sample.run().run
        let now = run.createdAt + age
        let refusal = ExpiryRule.refusal(of: run, expire: .seconds(60), now: now)
        #expect((refusal != nil) == isExpired)
        #expect(ExpiryRule.refusal(of: run, expire: nil, now: now) == nil)
        if let refusal {
            #expect(refusal.kind == .expired)
            #expect(refusal.message.contains("1m"))
        }
    }

    @Test func `a failure of that kind is death, whatever the counters say`() {
        let failure = AttemptFailure(.expired, "old")
        let decision = RetryPolicy().decision(
            after: failure, counters: WorkCounters(), now: Timestamp(milliseconds: 0), unit: 0)
        #expect(decision == .die(.expired))
    }
}
