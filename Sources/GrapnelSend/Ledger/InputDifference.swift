import GrapnelCore

/// Says in what a repeated step differs from the recorded one, for the person who has to mend the handler.
enum InputDifference {
    /// The most differences that are listed.
    private static let mostLines = 10
    /// The longest value that is shown.
    private static let longestValue = 80

    static func text(between recorded: Effect, and wanted: WantedEffect) -> String {
        var lines: [String] = []
        let before = "\(recorded.connection).\(recorded.operation)"
        let now = "\(wanted.connection).\(wanted.operation)"
        if before != now { lines.append("it was \(before), now it is \(now)") }
        let input = (try? JSONParser.parse(recorded.input)) ?? .null
        compare(input, wanted.input, path: "input", into: &lines)
        let rest = lines.count > mostLines ? ["and \(lines.count - mostLines) more"] : []
        let list = (lines.prefix(mostLines) + rest).joined(separator: "; ")
        return "the step \(recorded.step) asked for something else on an earlier attempt: "
            + (list.isEmpty ? "its recorded input cannot be read" : list)
            + ". Make the handler ask for the same on every attempt, or give the step a key of its own"
    }

    private static func compare(_ before: JSON, _ now: JSON, path: String, into lines: inout [String]) {
        switch (before, now) {
        case (.object(let before), .object(let now)):
            for key in before.keys where now[key] == nil { lines.append("\(path).\(key) is gone") }
            for key in now.keys where before[key] == nil { lines.append("\(path).\(key) is new") }
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
