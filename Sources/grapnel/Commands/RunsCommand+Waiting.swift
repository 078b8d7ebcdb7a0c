import ArgumentParser
import GrapnelCore

extension RunsCommand {
    /// `grapnel runs retry`: try a run now.
    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a run start now that waits for its next try, or is parked.",
            discussion: "A run that is parked because of an unknown effect goes on with: grapnel effects resolve.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id, run_….")
        var id: String

        func run() throws {
            let document = try hub.client.post("/v1/runs/\(id)/retry")
            if output.printed(document) { return }
            Terminal.print("\(id) starts now. See what it does: grapnel runs show \(id)")
        }
    }

    /// `grapnel runs move`: let runs go on with another version.
    struct Move: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move runs that wait, or are parked, from the version that recorded their effects to another.",
            discussion: """
                The new version reads the effects that the old one recorded: where it asks for something else under \
                the same step, the run is dead (nondeterministic).
                """)

        /// Where runs are moved to.
        enum Target: String, ExpressibleByArgument, CaseIterable {
            case active
        }

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id, run_….")
        var id: String?
        @Option(name: .long, help: "Instead of an id: every run of this recipe that waits or is parked.")
        var recipe: String?
        @Option(name: .long, help: "The version: active, the one that is deployed.")
        var to: Target

        func validate() throws {
            guard (id == nil) != (recipe == nil) else { throw ValidationError("Name either a run or --recipe.") }
        }

        func run() throws {
            let document =
                if let id {
                    try hub.client.post("/v1/runs/\(id)/move")
                } else {
                    try hub.client.post("/v1/recipes/\(recipe ?? "")/move")
                }
            if output.printed(document) { return }
            Terminal.print("Moved \(document.text("moved")) to version \(document.text("version").prefix(12)).")
        }
    }
}
