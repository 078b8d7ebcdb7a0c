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

    /// Reads the hub directory again, and takes on what it says when all of it is good.
    func reload() async -> HubReload
}
