/// How many runs to lease, and of which recipes not.
///
/// Recipes take turns: each that has due runs is given one, its oldest, before any is given a second, and the next claim
/// goes on after the last recipe of this one.
package struct RunClaim: Sendable {
    /// The most runs to take, at least 1.
    package var limit: Int
    /// Recipes that hold their share of isolates already.
    package var excludedRecipes: Set<String>
    /// The most runs to take of a recipe; one that is not named has no bound of its own.
    package var rooms: [String: Int]
    /// Recipes whose turns come before those of others, or after them where below 0; one that is not named has 0.
    package var priorities: [String: Int]
    /// Default 30 s.
    package var lease: Duration

    package init(
        limit: Int, excludedRecipes: Set<String> = [], rooms: [String: Int] = [:], priorities: [String: Int] = [:],
        lease: Duration
    ) {
        self.limit = limit
        self.excludedRecipes = excludedRecipes
        self.rooms = rooms
        self.priorities = priorities
        self.lease = lease
    }
}
