import ArgumentParser
import GrapnelCore

/// `grapnel recipes`: what the hub runs.
struct RecipesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipes", abstract: "List the recipes that are deployed, each with its version.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let document = try hub.client.get("/v1/recipes")
        if output.printed(document) { return }
        var table = Table(["RECIPE", "VERSION", "ON", "USES", "SANDBOX", "PAUSED", "SUMMARY"])
        for recipe in document["recipes"]?.array ?? [] {
            table.add([
                recipe.text("name"), String(recipe.text("version").prefix(12)),
                (recipe["on"]?.array ?? []).compactMap(\.string).joined(separator: ", "),
                (recipe["uses"]?.array ?? []).compactMap(\.string).joined(separator: ", "),
                recipe.text("sandbox") == "none" ? Style.red("sandbox: none") : recipe.text("sandbox"),
                Style.paused(recipe), recipe.text("summary"),
            ])
        }
        table.print(empty: "No recipe yet: make a folder under recipes/, with recipe.yaml and handler.js.")
    }
}
