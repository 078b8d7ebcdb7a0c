import ArgumentParser
import GrapnelCore

/// How a command that shows something shows it.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON, for scripts.")
    var json = false

    /// Prints `document` as JSON when that was asked for; `false` when a person wants to read.
    func printed(_ document: JSON) -> Bool {
        guard json else { return false }
        Terminal.print(JSONWriter.text(document, style: .indented))
        return true
    }
}
