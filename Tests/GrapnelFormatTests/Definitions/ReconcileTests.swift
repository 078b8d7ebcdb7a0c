import GrapnelCore
import GrapnelFormat
import Testing

/// How an operation says that it can be looked up, and what is refused of it.
@Suite struct ReconcileTests {
    private func decode(_ effect: String, _ reconcile: String) throws(FormatErrors) -> ConnectorDefinition {
        let request = "input: { type: object }\n    request: { method: GET, path: /x }"
        return try ConnectorDefinition.decode(
            yaml: """
                name: Vendor
                base_url: https://vendor.example
                operations:
                  find:
                    summary: Find
                    effect: safe
                    \(request)
                  create:
                    summary: Create
                    effect: \(effect)
                    \(reconcile)
                    \(request)
                """, id: "vendor", file: "f")
    }

    @Test func `an operation says how it is looked up`() throws {
        let text =
            "reconcile: { operation: find, input: { id: \"{input.id}\" }, found: { output.n: 1 }, after: 2m, tries: 5 }"
        let rule = try #require(try decode("reconcile", text).operation("create")?.reconcile)
        #expect(rule.operation == "find" && rule.after == .seconds(120) && rule.tries == 5)
        #expect(rule.found?.matches(DictionaryScope(["output": .json(["n": 1])])) == true && rule.output == nil)
        let short = try decode("reconcile", "reconcile: { operation: find, input: {} }").operation("create")?.reconcile
        #expect(short?.after == .seconds(60) && short?.tries == 3)
    }

    @Test(arguments: [
        ("reconcile", "", "needs \"reconcile\": how to look it up"),
        ("reconcile", "reconcile: { operation: fnd, input: {} }", "did you mean \"find\"?"),
        ("reconcile", "reconcile: { operation: create, input: {} }", "must be safe, not reconcile"),
        ("reconcile", "reconcile: { operation: find, input: { a: \"{output.b}\" } }", "nothing called \"output\" here"),
        (
            "reconcile", "reconcile: { operation: find, input: {}, found: { input.a: 1 } }",
            "nothing called \"input\" here"
        ),
        ("reconcile", "reconcile: { operation: find, input: {}, tries: 0 }", "from 1 to 100"),
        ("at_least_once", "reconcile: { operation: find, input: {} }", "whose unknown outcomes are not looked up"),
    ])
    func `a look-up that cannot be is refused`(effect: String, reconcile: String, says: String) {
        do throws(FormatErrors) {
            _ = try decode(effect, reconcile)
            Issue.record("it was taken")
        } catch {
            let found = error.errors.map(\.description)
            #expect(found.contains { $0.contains(says) }, "\(found)")
        }
    }

    @Test func `the last entry of retry_on that fits wins`() {
        let rule = RetryRule(["429", "500-599", "!501", "!503-504", "504"].compactMap { RetryRule.Entry($0) })
        let decisions = [429, 500, 501, 503, 504, 404].map { rule.decision(on: $0) }
        #expect(decisions == [true, true, false, false, true, nil])
    }
}
