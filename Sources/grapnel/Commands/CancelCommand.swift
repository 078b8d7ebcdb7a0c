import ArgumentParser
import GrapnelCore

/// `grapnel cancel`: end what nobody wants any more.
struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "End runs and deliveries that wait, are parked, or are under way.",
        discussion: """
            Takes ids, or a filter. What waits or is parked ends at once; a run under way is stopped within a heartbeat, \
            and what it was sending is recorded. With --connection or --operation it ends deliveries of outputs, whose \
            states --status then means; without, it ends runs, each with its outputs that wait.
            """)

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var bulk: BulkOptions
    @OptionGroup var filter: RunFilterOptions
    @Option(name: .long, help: "Deliveries of this connection.")
    var connection: String?
    @Option(name: .long, help: "Deliveries of this operation.")
    var operation: String?
    @Argument(help: "Ids, run_… or eff_….")
    var ids: [String] = []

    func run() throws {
        let isOfOutputs = connection != nil || operation != nil
        var parameters = filter.parameters
        if isOfOutputs {
            parameters = parameters.map { ($0 == "state" ? "delivery" : $0, $1) }
            parameters += [("connection", connection), ("operation", operation)]
        }
        guard try Selection.isFilter(ids: ids, parameters) else { return try Cancelling.cancel(ids, hub, output) }
        try BulkJob(
            client: hub.client, action: isOfOutputs ? .cancelOutputs : .cancelRuns, parameters: parameters,
            options: bulk, output: output
        ).run()
    }
}
