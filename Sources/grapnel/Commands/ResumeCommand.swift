import ArgumentParser
import GrapnelCore

/// `grapnel resume`: let what was paused go on.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a source, a recipe or a connection go on that was paused.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "source, recipe or connection.")
    var kind: PauseKind
    @Argument(help: "Its name.")
    var name: String

    func run() throws {
        let document = try hub.client.post("/v1/\(kind.rawValue)s/\(name)/resume", [:])
        if output.printed(document) { return }
        let woken = document["woken"]?.integer ?? 0
        Terminal.print(
            "The \(kind.rawValue) \(name) goes on\(woken == 0 ? "" : "; \(woken) runs that waited are ready").")
    }
}
