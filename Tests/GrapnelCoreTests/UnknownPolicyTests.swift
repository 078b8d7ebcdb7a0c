import GrapnelCore
import Testing

@Suite struct UnknownPolicyTests {
    private let now = Timestamp(milliseconds: 1_000)

    @Test(arguments: [
        (EffectClass.safe, UnknownPolicy.resend(maybeDuplicate: false)), (.idempotent, .resend(maybeDuplicate: true)),
        (.atLeastOnce, .resend(maybeDuplicate: true)), (.atMostOnce, .park), (.reconcile, .park), (.vendorKey, .park),
    ])
    func `the class decides`(effectClass: EffectClass, policy: UnknownPolicy) {
        let decided = UnknownPolicy.decide(effectClass, keyValidUntil: nil, humanSaidResend: false, now: now)
        #expect(decided == policy)
    }

    @Test func `a vendor's key serves while its window lasts`() {
        func decide(_ until: Int64) -> UnknownPolicy {
            .decide(.vendorKey, keyValidUntil: Timestamp(milliseconds: until), humanSaidResend: false, now: now)
        }
        #expect(decide(1_001) == .resend(maybeDuplicate: true))
        #expect(decide(1_000) == .park)
    }

    @Test(arguments: EffectClass.allCases)
    func `a human's word goes before the class`(effectClass: EffectClass) {
        let decided = UnknownPolicy.decide(effectClass, keyValidUntil: nil, humanSaidResend: true, now: now)
        #expect(decided == .resend(maybeDuplicate: true))
    }
}
