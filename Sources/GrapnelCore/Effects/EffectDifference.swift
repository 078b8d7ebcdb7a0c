/// Says in what a repeated step differs from the recorded one, for the person who has to mend the handler: a line that
/// names the step, a line for each difference, and a line with what to do.
package enum EffectDifference {
    /// The most differences that are listed.
    private static let mostLines = 10
    /// The longest value that is shown.
    private static let longestValue = 80

    /// - Parameters:
    ///   - recorded: What the ledger has.
    ///   - operation: What is asked for this time, `connection.operation`; `nil` when nobody knows.
    ///   - input: Its input.
    package static func text(from recorded: Effect, to operation: String?, input: JSON?) -> String {
        var lines: [String] = []
        let before = "\(recorded.connection).\(recorded.operation)"
        if let operation, before != operation { lines.append("it was \(before), now it is \(operation)") }
        if let old = try? JSONParser.parse(recorded.input), let input {
            compare(old, input, path: "input", into: &lines)
        } else {
            lines.append("its recorded input cannot be compared")
        }
        if lines.count > mostLines {
            lines = lines.prefix(mostLines) + ["and \(lines.count - mostLines) more"]
        }
        return
            (["the step \(recorded.step) asked for something else on an earlier attempt:"]
            + lines.map { "  \($0)" }
            + ["make the handler ask for the same on every attempt, or give the step a key of its own: { key: … }"])
            .joined(separator: "\n")
    }

    private static func compare(_ before: JSON, _ now: JSON, path: String, into lines: inout [String]) {
        switch (before, now) {
        case (.object(let before), .object(let now)):
            for key in before.keys where now[key] == nil {
                lines.append("\(path).\(key) is gone; it was \(shown(before[key] ?? .null))")
            }
            for key in now.keys where before[key] == nil {
                lines.append("\(path).\(key) is new: \(shown(now[key] ?? .null))")
            }
            for key in before.keys {
                if let old = before[key], let new = now[key] { compare(old, new, path: "\(path).\(key)", into: &lines) }
            }
        case (.array(let before), .array(let now)) where before.count == now.count:
            for index in before.indices { compare(before[index], now[index], path: "\(path).\(index)", into: &lines) }
        default:
            if before != now { lines.append("\(path) was \(shown(before)), now it is \(shown(now))") }
        }
    }

    private static func shown(_ value: JSON) -> String {
        let text = JSONWriter.text(value)
        return text.count > longestValue ? text.prefix(longestValue) + "…" : text
    }
}
