import ArgumentParser
import GrapnelCore

/// `grapnel runs`: events handled by recipes.
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Show the runs of recipes.",
        subcommands: [List.self, Show.self, Cancel.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List runs, newest first.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup var filter: RunFilterOptions

        func run() throws {
            let document = try ListPages(client: hub.client, name: "runs", parameters: filter.parameters).read(page)
            if output.printed(document) { return }
            var table = Table(["RUN", "CREATED", "RECIPE", "STATE", "ATTEMPTS", "WHY"])
            for run in document["runs"]?.array ?? [] {
                table.add([
                    run.text("id"), run.text("created_at"), run.text("recipe"), Style.state(run.text("state")),
                    run.text("attempts"), Story.why(run),
                ])
            }
            table.print(empty: filter.parameters.contains { $0.1 != nil } ? "No run fits." : "No run yet.")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell the whole story of a run: request, event, attempts, effects. Takes an event's id too.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id, run_… or evt_….")
        var id: String

        func run() throws {
            guard id.hasPrefix("evt_") else {
                let document = try hub.client.get("/v1/runs/\(id)")
                if !output.printed(document) { Story.print(run: document) }
                return
            }
            let event = try hub.client.get("/v1/events/\(id)")
            let ids = event["runs"]?.array?.compactMap { $0["id"]?.string } ?? []
            let documents = try ids.map { try hub.client.get("/v1/runs/\($0)") }
            if output.printed(.array(documents)) { return }
            if documents.isEmpty { return Story.print(event: event) }
            for document in documents { Story.print(run: document) }
        }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End runs that wait, are parked, or are under way, with their outputs that wait.",
            discussion: "By a filter: grapnel cancel.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "Ids, run_….")
        var ids: [String]

        func run() throws { try Cancelling.cancel(ids, hub, output) }
    }
}

extension WorkState: ExpressibleByArgument {}
