import GrapnelCore
import Testing

/// What a person reads of a step that asked for something else.
@Suite struct EffectDifferenceTests {
    private static func recorded(_ input: String) -> Effect {
        Effect(
            id: Identifier(high: 1, low: 1), tenant: .default, origin: Identifier(high: 1, low: 2),
            run: Identifier(high: 1, low: 2), recipe: "lead", step: "slack.postMessage#1", kind: .output,
            connection: "slack", operation: "postMessage", effectClass: .atLeastOnce, state: .confirmed,
            fingerprint: [1], idempotencyKey: "h1_x", input: Array(input.utf8),
            createdAt: Timestamp(milliseconds: 0))
    }

    @Test func `each difference has a line of its own`() {
        let text = EffectDifference.text(
            from: Self.recorded(#"{"text":"hi","to":["a","b"],"old":1}"#), to: "slack.updateMessage",
            input: ["text": "ho", "to": ["a", "c"], "new": true])
        #expect(
            text.split(separator: "\n") == [
                "the step slack.postMessage#1 asked for something else on an earlier attempt:",
                "  it was slack.postMessage, now it is slack.updateMessage",
                "  input.old is gone; it was 1",
                "  input.new is new: true",
                "  input.text was \"hi\", now it is \"ho\"",
                "  input.to.1 was \"b\", now it is \"c\"",
                "make the handler ask for the same on every attempt, or give the step a key of its own: { key: … }",
            ])
    }

    @Test func `what is long is cut, and what cannot be read is said so`() {
        let many = JSON.object(JSONObject((0..<30).map { ("k\($0)", .string(String(repeating: "x", count: 500))) }))
        let text = EffectDifference.text(from: Self.recorded("{}"), to: "slack.postMessage", input: many)
        #expect(text.contains("and 20 more"))
        #expect(text.count < 2000)
        let unknown = EffectDifference.text(from: Self.recorded("{}"), to: nil, input: nil)
        #expect(unknown.contains("cannot be compared"))
    }
}
