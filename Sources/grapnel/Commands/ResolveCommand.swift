import ArgumentParser
import GrapnelCore

/// `grapnel resolve`: decide about effects that wait for a person.
struct ResolveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Say what became of effects of which nobody knows, or send dead outputs again.",
        discussion: """
            Takes ids, or a filter. Without --status and --delivery it is about what waits for a person: parked outputs, \
            and unknown calls of parked runs.
            """)

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var bulk: BulkOptions
    @Flag var choice: EffectChoice
    @OptionGroup var filter: EffectFilterOptions
    @Argument(help: "Ids, eff_….")
    var ids: [String] = []

    func run() throws {
        guard try Selection.isFilter(ids: ids, filter.parameters) else {
            return try Resolving.resolve(ids, choice, recorded: nil, hub, output)
        }
        try BulkJob(
            client: hub.client, action: .resolve(choice), parameters: filter.parameters, options: bulk,
            output: output
        ).run()
    }
}
