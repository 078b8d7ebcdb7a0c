import GrapnelCore

/// How a word stands out on a terminal; plain where there are no colours.
enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"

    func callAsFunction(_ text: String) -> String {
        Terminal.hasColour ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }

    /// The name of a state of a run, an output or an effect, coloured by how good it is.
    static func state(_ name: String) -> String {
        switch name {
        case "succeeded", "confirmed": Style.green(name)
        case "dead", "failed", "unknown": Style.red(name)
        case "parked", "scheduled", "in_flight", "leased": Style.yellow(name)
        default: name
        }
    }

    /// Whether a source or a recipe is paused, for a table.
    static func paused(_ member: JSON) -> String {
        member["paused"] == nil ? "-" : Style.yellow("since \(member.text("paused", "since"))")
    }
}
