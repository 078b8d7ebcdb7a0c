import ArgumentParser
import GrapnelCore

/// `grapnel replay`: run an event again.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Make a new run of a finished one's event.",
        discussion: "--missing keeps what the ledger has confirmed and does the rest; --again does everything anew.")

    enum Mode: String, EnumerableFlag {
        case missing
        case again

        static func help(for value: Mode) -> ArgumentHelp? {
            switch value {
            case .missing: "Finish what is missing: confirmed effects are not sent again."
            case .again: "Do it again: every effect is sent anew, under new keys."
            }
        }
    }

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @Flag var mode: Mode
    @Argument(help: "The id, run_….")
    var id: String

    func run() throws {
        let document = try hub.client.post("/v1/runs/\(id)/replay", ["mode": .string(mode.rawValue)])
        if output.printed(document) { return }
        let run = document.text("id")
        Terminal.print("Started \(run). See what it does: grapnel runs show \(run)")
    }
}
