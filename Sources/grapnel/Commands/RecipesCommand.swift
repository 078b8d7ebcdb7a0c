import ArgumentParser
import GrapnelCore

/// `grapnel recipes`: what the hub runs.
struct RecipesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipes", abstract: "Show the recipes that are deployed.",
        subcommands: [List.self, Release.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the recipes that are deployed, each with its version.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let document = try hub.client.get("/v1/recipes")
            if output.printed(document) { return }
            var table = Table(["RECIPE", "VERSION", "ON", "USES", "SANDBOX", "PAUSED", "SUMMARY"])
            for recipe in document["recipes"]?.array ?? [] {
                let version = String(recipe.text("version").prefix(12))
                table.add([
                    recipe.text("name"),
                    recipe["quarantine"] == nil ? version : Style.red("\(version) quarantined"),
                    (recipe["on"]?.array ?? []).compactMap(\.string).joined(separator: ", "),
                    (recipe["uses"]?.array ?? []).compactMap(\.string).joined(separator: ", "),
                    recipe.text("sandbox") == "none" ? Style.red("sandbox: none") : recipe.text("sandbox"),
                    Style.paused(recipe), recipe.text("summary"),
                ])
            }
            table.print(empty: "No recipe yet: make a folder under recipes/, with recipe.yaml and handler.js.")
        }
    }

    /// `grapnel recipes release`: let a version run again that broke its sandbox.
    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let the versions of a recipe start again that are in quarantine.",
            discussion: "A version that is deployed instead needs no release: the parked runs go on with it.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The recipe.")
        var recipe: String

        func run() throws {
            let document = try hub.client.post("/v1/recipes/\(recipe)/release")
            if output.printed(document) { return }
            Terminal.print("Released \(recipe); its parked runs go on.")
        }
    }
}
