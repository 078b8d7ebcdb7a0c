import GrapnelCore

/// An operation that a handler asked for during a test.
struct TestEffect: Sendable, Hashable {
    var kind: EffectKind
    /// `connection.operation`.
    var operation: String
    var input: JSON
    /// Whether it only reads: a test need not expect it.
    var isSafe: Bool

    /// For people: `send slack.postMessage {…}`.
    var text: String {
        "\(kind == .call ? "call" : "send") \(operation) \(JSONWriter.text(input))"
    }
}
