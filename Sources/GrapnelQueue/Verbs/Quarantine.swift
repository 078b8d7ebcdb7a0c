package import GrapnelCore

/// A version of a recipe that broke its sandbox: no run of it starts until a person releases it, or another version is
/// deployed.
package struct Quarantine: Sendable, Hashable {
    package var recipe: String
    package var version: RecipeVersion
    /// The run that did it.
    package var run: Identifier<Run>
    /// What it did, for a person.
    package var error: String
    package var since: Timestamp

    package init(recipe: String, version: RecipeVersion, run: Identifier<Run>, error: String, since: Timestamp) {
        self.recipe = recipe
        self.version = version
        self.run = run
        self.error = error
        self.since = since
    }
}
