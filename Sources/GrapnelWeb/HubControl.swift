package import GrapnelCore

/// What the management API asks of the hub as a whole; the composition root answers.
package protocol HubControl: Sendable {
    /// Version, times, addresses and the sandbox: what the queue does not know.
    func status() -> JSONObject

    /// The sources, each with its URL.
    func sources() -> [JSON]

    /// The recipes that are deployed, each with its version.
    func recipes() -> [JSON]

    /// The connections, each with how it stands.
    func connections() -> [JSON]

    /// Tells the operator what has changed.
    func post(_ notice: Notice) async

    /// The recipes that want an event now.
    func recipes(wanting event: Event) -> [RecipeMatch]

    /// The version of a recipe that new runs take; `nil` when there is no such recipe.
    func activeVersion(ofRecipe name: String) -> RecipeVersion?

    /// The schedules of the deployed recipes, each with its next and its last tick.
    func schedules() async throws -> [JSON]

    /// Runs that wait for a time that a person chose, the next one first.
    func plannedRuns(limit: Int) async throws -> [Run]

    /// Plans one run of a recipe.
    func plan(_ recipe: String, at: Timestamp, body: JSON?) async throws -> Identifier<Run>

    /// Releases the versions of a recipe that are in quarantine; how many there were.
    func release(_ recipe: String) async throws -> Int

    /// The wall clock of the hub.
    var now: Timestamp { get }

    /// Reads the hub directory again, and takes on what it says when all of it is good.
    func reload() async -> HubReload
}
