import GrapnelCore

/// Says how a repeated step differs from what the ledger has recorded of it.
enum RecordedDifference {
    /// The longest text of an input in a message.
    private static let longestInput = 300

    static func message(step: String, recorded: Effect, wanted: OutputIntent?) -> String {
        let before = "\(recorded.connection).\(recorded.operation) \(text(recorded.input))"
        let now = wanted.map { "\($0.connection).\($0.operation) \(text($0.input))" } ?? "something else"
        return "the step \(step) asks for something else than an earlier attempt: recorded \(before), now \(now). "
            + "Give steps whose input changes a key of their own: { key: … }"
    }

    private static func text(_ input: [UInt8]) -> String {
        let text = String(decoding: input, as: UTF8.self)
        return text.count > longestInput ? "\(text.prefix(longestInput))…" : text
    }
}
