import ArgumentParser
import GrapnelCore

/// `grapnel requests`: what was posted to the hub, accepted or not.
struct RequestsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests", abstract: "Show the requests that vendors posted, and those that were rejected.",
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List requests, newest first.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @Flag(name: .long, help: "Only requests that were rejected, with why.")
        var rejected = false
        @Option(name: .long, help: "Only of this source.")
        var source: String?

        func run() throws {
            let query = page.query([("rejected", rejected ? "1" : nil), ("source", source)])
            let document = try hub.client.get("/v1/requests\(query)")
            if output.printed(document) { return }
            let requests = document["requests"]?.array ?? []
            if rejected {
                var table = Table(["REQUEST", "RECEIVED", "SOURCE", "KIND", "FROM", "WHY"])
                for request in requests {
                    table.add([
                        request.text("id"), request.text("received_at"), request.text("source"),
                        Style.red(request.text("kind")), request.text("peer"), request.text("detail"),
                    ])
                }
                table.print(empty: "No request was rejected.")
            } else {
                var table = Table(["REQUEST", "RECEIVED", "SOURCE", "SCHEME", "SECRET", "BYTES", "EVENTS"])
                for request in requests {
                    table.add([
                        request.text("id"), request.text("received_at"), request.text("source"),
                        request.text("verdict", "scheme"), request.text("verdict", "secret"), request.text("size"),
                        String(request["events"]?.array?.count ?? 0),
                    ])
                }
                table.print(empty: "No request has been accepted yet. Post one: grapnel trigger <source> <type>")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one request whole: headers and body.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id, req_….")
        var id: String

        func run() throws {
            let document = try hub.client.get("/v1/requests/\(id)")
            if output.printed(document) { return }
            Story.print(request: document)
        }
    }
}
