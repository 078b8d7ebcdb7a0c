/// A recipe that wants an event.
package struct RecipeMatch: Sendable, Hashable {
    package var recipe: String
    /// The active version.
    package var version: RecipeVersion
    /// Set when the recipe answers the vendor synchronously.
    package var reply: ReplyPolicy?
    /// When the run may start among the others of the recipe.
    package var flow: RunFlow

    package init(recipe: String, version: RecipeVersion, reply: ReplyPolicy? = nil, flow: RunFlow = .free) {
        self.recipe = recipe
        self.version = version
        self.reply = reply
        self.flow = flow
    }
}
