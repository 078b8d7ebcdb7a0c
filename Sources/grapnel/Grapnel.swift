import ArgumentParser

/// The command line of a hub.
@main
struct Grapnel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "grapnel")
}
