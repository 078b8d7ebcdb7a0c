import ArgumentParser
import GrapnelCore

/// `grapnel pause`: let a source, a recipe or a connection rest.
struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let a source, a recipe or a connection rest, until it is resumed.",
        discussion: """
            A paused source goes on taking events and stores them; a paused recipe's runs wait; a paused connection \
            sends nothing. Nothing is lost, and nothing counts as tried.
            """)

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "Why, for whoever looks at it.")
    var reason: String?
    @Argument(help: "source, recipe or connection.")
    var kind: PauseKind
    @Argument(help: "Its name.")
    var name: String

    func run() throws {
        let wish: JSON = reason.map { ["reason": .string($0)] } ?? [:]
        let pause = try hub.client.post("/v1/\(kind.rawValue)s/\(name)/pause", wish)
        if output.printed(pause) { return }
        Terminal.print(
            "The \(kind.rawValue) \(name) is paused since \(pause.text("since")). "
                + "To let it go on: grapnel resume \(kind.rawValue) \(name)")
    }
}

extension PauseKind: ExpressibleByArgument {}
