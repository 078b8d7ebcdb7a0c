/// How many runs to lease, and of which recipes not.
package struct RunClaim: Sendable {
    /// The most runs to take, at least 1.
    package var limit: Int
    /// Recipes that hold their share of isolates already.
    package var excludedRecipes: Set<String>
    /// Default 30 s.
    package var lease: Duration

    package init(limit: Int, excludedRecipes: Set<String> = [], lease: Duration) {
        self.limit = limit
        self.excludedRecipes = excludedRecipes
        self.lease = lease
    }
}
