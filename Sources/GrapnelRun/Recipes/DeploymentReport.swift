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

    package init(
        activated: [String: RecipeVersion] = [:], retired: [RecipeVersion] = [], removed: [String] = [],
        refusals: [RecipeRefusal] = []
    ) {
        self.activated = activated
        self.retired = retired
        self.removed = removed
        self.refusals = refusals
    }
}
