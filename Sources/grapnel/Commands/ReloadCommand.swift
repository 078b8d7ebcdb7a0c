import ArgumentParser
import GrapnelCore

/// `grapnel reload`: take on what the files say now.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Read grapnel.yaml, recipes and connectors again (as SIGHUP does).",
        discussion: "When something in them is wrong the hub says so, and stays as it was. Addresses to listen at and "
            + "limits are read at start only.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let document = try hub.client.post("/v1/reload")
        if output.printed(document) { return }
        let activated = (document["activated"]?.array ?? []).compactMap(\.string)
        let removed = (document["removed"]?.array ?? []).compactMap(\.string)
        Terminal.print(
            "Read again: \(document.text("sources")) sources, \(document.text("connections")) connections; "
                + (activated.isEmpty ? "no recipe changed" : "new versions of \(activated.joined(separator: ", "))")
                + (removed.isEmpty ? "." : "; removed \(removed.joined(separator: ", "))."))
        let later = (document["at_next_start"]?.array ?? []).compactMap(\.string)
        if !later.isEmpty {
            Terminal.warn("Changed, and in force from the next start on: \(later.joined(separator: ", ")).")
        }
    }
}
