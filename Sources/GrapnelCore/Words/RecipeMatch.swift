/// A recipe that wants an event.
package struct RecipeMatch: Sendable, Hashable {
    package var recipe: String
    /// The active version.
    package var version: RecipeVersion
    /// Set when the recipe answers the vendor synchronously.
    package var reply: ReplyPolicy?

    package init(recipe: String, version: RecipeVersion, reply: ReplyPolicy? = nil) {
        self.recipe = recipe
        self.version = version
        self.reply = reply
    }
}
