package import GrapnelCore

/// What came of a test of a recipe.
package struct RecipeTestResult: Sendable {
    package var recipe: String
    package var test: String
    /// What was not as expected, one entry each, for people; empty when the test passed.
    package var differences: [String]
    /// What the handler wrote.
    package var log: [LogLine]
    package var took: Duration

    package init(recipe: String, test: String, differences: [String], log: [LogLine] = [], took: Duration = .zero) {
        self.recipe = recipe
        self.test = test
        self.differences = differences
        self.log = log
        self.took = took
    }

    package var isPassed: Bool { differences.isEmpty }
}
