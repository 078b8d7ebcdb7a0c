/// Why a recipe is not deployed: everything that is wrong with it.
package struct RecipeRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    package var recipe: String
    /// At least one; each names its file and what to do.
    package var problems: [String]

    package init(recipe: String, problems: [String]) {
        self.recipe = recipe
        self.problems = problems
    }

    package var description: String { problems.joined(separator: "\n") }
}
