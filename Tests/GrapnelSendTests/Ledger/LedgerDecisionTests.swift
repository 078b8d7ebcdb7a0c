import GrapnelCore
import GrapnelSend
import Testing

@Suite struct LedgerDecisionTests {
    private static let now = Timestamp(milliseconds: 1_767_603_600_000)
    private static let input: JSON = ["id": 7, "deep": ["a": [1, 2]]]

    private static func wanted(
        _ effectClass: EffectClass = .atLeastOnce, input: JSON = Self.input, operation: String = "getContact"
    ) -> WantedEffect {
        WantedEffect(connection: "crm", operation: operation, effectClass: effectClass, input: input)
    }

    private static func row(
        _ state: EffectState, _ effectClass: EffectClass = .atLeastOnce, output: String? = nil,
        failure: CallFailure? = nil, keyValidUntil: Timestamp? = nil, maybeDuplicate: Bool = false,
        humanSaidResend: Bool = false
    ) -> Effect {
        Effect(
            id: Identifier(high: 1, low: 1), tenant: .default, origin: Identifier(high: 1, low: 2),
            run: Identifier(high: 1, low: 2), recipe: "lead", step: "crm.getContact#1", kind: .call, connection: "crm",
            operation: "getContact", effectClass: effectClass, state: state, fingerprint: wanted().fingerprint,
            idempotencyKey: "h1_x", input: JSONWriter.bytes(input), keyValidUntil: keyValidUntil,
            maybeDuplicate: maybeDuplicate, humanSaidResend: humanSaidResend, sends: 1,
            output: output.map { Array($0.utf8) }, failure: failure, createdAt: now)
    }

    private static func failure(_ code: String, isRetryable: Bool) -> CallFailure {
        CallFailure(code: code, message: "no", isRetryable: isRetryable, outcome: .definite)
    }

    private func decide(_ row: Effect?, _ wanted: WantedEffect = Self.wanted()) -> LedgerDecision {
        LedgerDecision.decide(existing: row, wanted: wanted, now: Self.now)
    }

    @Test func `a new step is sent`() {
        #expect(decide(nil) == .send(from: nil, maybeDuplicate: false))
    }

    @Test func `a confirmed step gives its recorded answer`() {
        #expect(decide(Self.row(.confirmed, output: "{\"a\":1}")) == .answer(["a": 1]))
        #expect(decide(Self.row(.confirmed)) == .answer(.null))
    }

    @Test func `an intended step is sent`() {
        #expect(decide(Self.row(.intended)) == .send(from: .intended, maybeDuplicate: false))
        #expect(decide(Self.row(.intended, maybeDuplicate: true)) == .send(from: .intended, maybeDuplicate: true))
    }

    @Test func `a failure that may pass is sent again, one that stays fails again`() {
        let passing = Self.failure("connect_failed", isRetryable: true)
        let lasting = Self.failure("http_404", isRetryable: false)
        #expect(decide(Self.row(.failed, failure: passing)) == .send(from: .failed, maybeDuplicate: false))
        #expect(decide(Self.row(.failed, failure: lasting)) == .failAgain(lasting))
    }

    @Test func `a human's word sends what would fail again`() {
        let lasting = Self.failure("http_404", isRetryable: false)
        let row = Self.row(.failed, failure: lasting, humanSaidResend: true)
        #expect(decide(row) == .send(from: .failed, maybeDuplicate: false))
    }

    @Test(arguments: [CallFailure.unauthorizedCode, CallFailure.missingCredentialCode])
    func `refused credentials are tried again, because someone let the run go on`(code: String) {
        let row = Self.row(.failed, failure: Self.failure(code, isRetryable: false))
        #expect(decide(row) == .send(from: .failed, maybeDuplicate: false))
    }

    @Test(arguments: [EffectState.unknown, .inFlight], EffectClass.allCases)
    func `an unknown outcome is handled by its class`(state: EffectState, effectClass: EffectClass) {
        let valid = decide(
            Self.row(state, effectClass, keyValidUntil: Self.now + .seconds(1)), Self.wanted(effectClass))
        let expected: LedgerDecision =
            switch effectClass {
            case .safe: .send(from: state, maybeDuplicate: false)
            case .idempotent, .vendorKey, .atLeastOnce: .send(from: state, maybeDuplicate: true)
            case .reconcile, .atMostOnce: .park(.unknownEffect)
            }
        #expect(valid == expected)
        let word = decide(Self.row(state, effectClass, humanSaidResend: true), Self.wanted(effectClass))
        #expect(word == .send(from: state, maybeDuplicate: true))
    }

    @Test func `a vendor's key is good only in its window`() {
        let row = Self.row(.unknown, .vendorKey, keyValidUntil: Self.now)
        #expect(decide(row, Self.wanted(.vendorKey)) == .park(.unknownEffect))
    }

    @Test(arguments: EffectState.allCases)
    func `a step that asks for something else is nondeterministic, whatever its state`(state: EffectState) throws {
        let other: JSON = ["id": 8, "deep": ["a": [1, 3]], "more": true]
        guard case .nondeterministic(let text) = decide(Self.row(state, output: "1"), Self.wanted(input: other)) else {
            Issue.record("it was not")
            return
        }
        #expect(text.contains("input.id was 7, now it is 8"))
        #expect(text.contains("input.deep.a.1 was 2, now it is 3"))
        #expect(text.contains("input.more is new"))
    }

    @Test func `the order of members makes no other input`() {
        #expect(
            decide(Self.row(.confirmed, output: "1"), Self.wanted(input: ["deep": ["a": [1, 2]], "id": 7]))
                == .answer(1))
        guard case .nondeterministic = decide(Self.row(.confirmed), Self.wanted(operation: "updateContact")) else {
            Issue.record("another operation is another effect")
            return
        }
    }

    @Test func `a key depends on all of tenant, origin, recipe and step, and on nothing else`() {
        func key(_ origin: UInt64 = 1, _ recipe: String = "a", _ step: String = "b", _ tenant: UInt8 = 1) -> String {
            IdempotencyKey.make(
                origin: Identifier(high: 0, low: origin), recipe: recipe, step: step,
                tenantKey: [UInt8](repeating: tenant, count: 32))
        }
        let keys = [
            key(), key(2), key(1, "c"), key(1, "a", "c"), key(1, "a", "b", 2), key(1, "ab", ""), key(1, "", "ab"),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(key() == key())
        #expect(key().hasPrefix("h1_"))
        #expect(key().utf8.count == 55)
    }
}
