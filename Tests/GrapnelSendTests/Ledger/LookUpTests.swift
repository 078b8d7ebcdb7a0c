import GrapnelCore
import GrapnelSend
import Testing

@Suite struct LookUpTests {
    private static let begun = Timestamp(milliseconds: 1_767_603_600_000)

    private static func wait(settled: Int?, at seconds: Int) -> Duration? {
        let effect = Effect(
            id: Identifier(high: 1, low: 1), tenant: .default, origin: Identifier(high: 1, low: 2),
            run: Identifier(high: 1, low: 2), recipe: "lead", step: "crm.create#1", kind: .call, connection: "crm",
            operation: "create", effectClass: .reconcile, state: .unknown, fingerprint: [1], idempotencyKey: "h1_x",
            input: Array("{}".utf8), sends: 1, createdAt: begun, sentAt: begun,
            settledAt: settled.map { begun + .seconds($0) })
        return effect.waitBeforeLookUp(after: .seconds(60), now: begun + .seconds(seconds))
    }

    @Test func `a vendor is asked so long after the end of a sending, and not after it was begun`() {
        // The disk took 40 s to record that it was begun.
        #expect(LookUpTests.wait(settled: 41, at: 62) == .seconds(39))
        #expect(LookUpTests.wait(settled: 41, at: 101) == nil)
    }

    @Test func `of a sending without an end its beginning counts`() {
        #expect(LookUpTests.wait(settled: nil, at: 2) == .seconds(58))
        #expect(LookUpTests.wait(settled: nil, at: 60) == nil)
    }

    @Test func `what took a moment to be recorded does not wait once more`() {
        #expect(LookUpTests.wait(settled: 1, at: 60) == nil)
        #expect(LookUpTests.wait(settled: 3, at: 60) == .seconds(3))
    }
}
