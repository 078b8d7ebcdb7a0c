import ArgumentParser
import GrapnelCore

/// `grapnel replay`: run events again.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Make new runs of the events of finished ones.",
        discussion: """
            --missing keeps what the ledger has confirmed and does the rest; --again does everything anew. Takes ids, or a \
            filter, which is of dead runs unless --status says otherwise. A filter leaves out runs that were replayed \
            already, so a command that was stopped goes on when it is given again.
            """)

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
    @OptionGroup var bulk: BulkOptions
    @Flag var mode: Mode
    @OptionGroup var filter: RunFilterOptions
    @Flag(name: .long, help: "With a filter: also runs that were replayed already.")
    var replayed = false
    @Argument(help: "Ids, run_….")
    var ids: [String] = []

    func run() throws {
        guard try Selection.isFilter(ids: ids, filter.parameters) else { return try replayEach() }
        try BulkJob(
            client: hub.client, action: .replay(mode, includesReplayed: replayed), parameters: filter.parameters,
            options: bulk, output: output
        ).run()
    }

    private func replayEach() throws {
        let documents = try ids.map { id in
            try hub.client.post("/v1/runs/\(id)/replay", ["mode": .string(mode.rawValue)])
        }
        if output.printed(documents.count == 1 ? documents[0] : .array(documents)) { return }
        for document in documents {
            let run = document.text("id")
            Terminal.print("Started \(run). See what it does: grapnel runs show \(run)")
        }
    }
}
