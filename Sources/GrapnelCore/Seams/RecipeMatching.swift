/// Says which recipes want an event. Ingest asks; Run answers from the active deployment. Pure and quick: it stands
/// on the way of every event.
package protocol RecipeMatching: Sendable {
    /// The recipes that want `event`, by name.
    ///
    /// - Parameters:
    ///   - event: The event about to be stored.
    ///   - body: `event.body()`, parsed once by the caller.
    func matches(for event: Event, body: JSON?) -> [RecipeMatch]
}
