import GrapnelCore
import Testing

@Suite struct UnknownPolicyTests {
    private let now = Timestamp(milliseconds: 1_000)

    @Test(arguments: [
        (EffectClass.safe, UnknownPolicy.resend(maybeDuplicate: false)), (.idempotent, .resend(maybeDuplicate: true)),
        (.atLeastOnce, .resend(maybeDuplicate: true)), (.atMostOnce, .park), (.reconcile, .park), (.vendorKey, .park),
    ])
    func `the class decides`(effectClass: EffectClass, policy: UnknownPolicy) {
        let decided = UnknownPolicy.decide(
            effectClass, keyValidUntil: nil, canLookUp: false, humanSaidResend: false, now: now)
        #expect(decided == policy)
    }

    @Test func `a vendor's key serves while its window lasts`() {
        func decide(_ until: Int64, canLookUp: Bool = false) -> UnknownPolicy {
            .decide(
                .vendorKey, keyValidUntil: Timestamp(milliseconds: until), canLookUp: canLookUp, humanSaidResend: false,
                now: now)
        }
        #expect(decide(1_001) == .resend(maybeDuplicate: true))
        #expect(decide(1_000) == .park)
        #expect(decide(1_001, canLookUp: true) == .resend(maybeDuplicate: true))
        #expect(decide(1_000, canLookUp: true) == .lookUp)
    }

    @Test func `what can be looked up is, and nothing else is`() {
        let looked = EffectClass.allCases.filter {
            UnknownPolicy.decide($0, keyValidUntil: nil, canLookUp: true, humanSaidResend: false, now: now) == .lookUp
        }
        #expect(looked == [.vendorKey, .reconcile])
    }

    @Test(arguments: EffectClass.allCases)
    func `a human's word goes before the class`(effectClass: EffectClass) {
        let decided = UnknownPolicy.decide(
            effectClass, keyValidUntil: nil, canLookUp: true, humanSaidResend: true, now: now)
        #expect(decided == .resend(maybeDuplicate: true))
    }
}
