import ArgumentParser
import GrapnelCore

/// `grapnel sources`: the URLs to register with vendors.
struct SourcesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources", abstract: "List the sources, each with the URL to register with its vendor.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let document = try hub.client.get("/v1/sources")
        if output.printed(document) { return }
        var table = Table(["SOURCE", "PROVIDER", "SECRETS", "PAUSED", "URL"])
        for source in document["sources"]?.array ?? [] {
            let secrets = (source["secrets"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
            table.add([
                source.text("name"), source.text("provider"),
                source["insecure"]?.bool == true ? Style.red("insecure") : secrets,
                Style.paused(source), source.text("url"),
            ])
        }
        table.print(empty: "No source yet: add one under sources: in grapnel.yaml.")
    }
}
