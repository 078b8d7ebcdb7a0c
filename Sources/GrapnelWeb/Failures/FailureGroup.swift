import GrapnelCore
import GrapnelQueue

/// Runs or outputs that stopped for the same reason with the same error.
struct FailureGroup {
    /// What its members have in common.
    struct Key: Hashable {
        enum Subject: String {
            case run
            case output
        }

        var subject: Subject
        /// The recipe of runs; the connection and operation of outputs, with a dot.
        var name: String
        /// `dead` or `parked`.
        var state: WorkState
        var reason: String
        /// The errors as a pattern; empty when there is none.
        var error: String
    }

    let key: Key
    var count = 0
    var first: Timestamp
    var last: Timestamp
    /// The id of the newest that was looked at.
    let example: String

    init(_ key: Key, example: String, at time: Timestamp) {
        self.key = key
        self.example = example
        first = time
        last = time
    }

    mutating func add(at time: Timestamp) {
        count += 1
        first = min(first, time)
        last = max(last, time)
    }

    /// The command that does something about the whole group; it shows what it would do before it does it.
    var command: String {
        var words = ["grapnel"]
        let isUndecided = key.reason == ParkReason.unknownEffect.rawValue
        switch (key.subject, key.state) {
        case (.run, .dead): words += ["replay", "--missing", "--recipe", key.name, "--status", "dead"]
        // The calls of these runs are what is undecided.
        case (.run, _) where isUndecided:
            return "grapnel resolve --confirm|--resend|--drop --recipe \(key.name)"
        case (.run, _): words += ["runs", "list", "--recipe", key.name, "--status", key.state.rawValue]
        case (.output, _):
            let parts = key.name.split(separator: ".", maxSplits: 1).map(String.init)
            words += ["resolve", isUndecided ? "--confirm|--resend|--drop" : "--resend"]
            words += ["--connection", parts.first ?? key.name, "--operation", parts.last ?? key.name]
            words += ["--delivery", key.state.rawValue]
        }
        words += ["--reason", key.reason]
        if !key.error.isEmpty { words += ["--error", FailureGroup.quoted(key.error)] }
        return words.joined(separator: " ")
    }

    var document: JSON {
        [
            "subject": .string(key.subject.rawValue), "name": .string(key.name), "state": .string(key.state.rawValue),
            "reason": .string(key.reason), "error": .string(key.error), "count": .integer(Int64(count)),
            "first": .string(first.description), "last": .string(last.description), "example": .string(example),
            "command": .string(command),
        ]
    }

    /// A text as a shell takes it for one word.
    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
