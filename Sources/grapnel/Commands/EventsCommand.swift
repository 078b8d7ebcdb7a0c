import ArgumentParser
import GrapnelCore

/// `grapnel events`: the facts that the hub stored.
struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show the events that were stored.",
        subcommands: [List.self, Show.self, Release.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List events, newest first.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup var filter: EventFilterOptions
        @Flag(name: .long, help: "Only events whose delivery id came before with another body.")
        var conflicts = false

        func run() throws {
            let parameters = filter.parameters + [("conflicts", conflicts ? "1" : nil)]
            let document = try ListPages(client: hub.client, name: "events", parameters: parameters).read(page)
            if output.printed(document) { return }
            var table = Table(["EVENT", "RECEIVED", "SOURCE", "TYPE", "RUNS", "DELIVERY"])
            for event in document["events"]?.array ?? [] {
                table.add([
                    event.text("id"), event.text("received_at"), event.text("source"), event.text("type"),
                    event.text("runs"), event.text("delivery_id"),
                ])
            }
            let hasFilter = parameters.contains { $0.1 != nil }
            table.print(
                empty: hasFilter
                    ? "No event fits." : "No event is stored yet. Post one: grapnel trigger <source> <type>")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one event, its body and its runs.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id, evt_….")
        var id: String

        func run() throws {
            let document = try hub.client.get("/v1/events/\(id)")
            if output.printed(document) { return }
            Story.print(event: document)
        }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the recipes on an event that was kept apart: its delivery id came before with another body.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id, evt_…; see grapnel events --conflicts.")
        var id: String

        func run() throws {
            let document = try hub.client.post("/v1/events/\(id)/release")
            if output.printed(document) { return }
            Story.print(event: document)
        }
    }
}
