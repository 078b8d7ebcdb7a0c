package import GrapnelCore

/// What a loading of the recipes changed.
package struct DeploymentReport: Sendable {
    /// Recipes whose active version is new, with it.
    package var activated: [String: RecipeVersion]
    /// Versions that are no longer active: their warm isolates can go.
    package var retired: [RecipeVersion]
    /// Recipes whose folder is gone.
    package var removed: [String]
    /// Recipes that were refused; an earlier version stays active where there was one.
    package var refusals: [RecipeRefusal]
    /// What is worth a look in recipes that were taken.
    package var warnings: [String]

    package init(
        activated: [String: RecipeVersion] = [:], retired: [RecipeVersion] = [], removed: [String] = [],
        refusals: [RecipeRefusal] = [], warnings: [String] = []
    ) {
        self.activated = activated
        self.retired = retired
        self.removed = removed
        self.refusals = refusals
        self.warnings = warnings
    }
}
