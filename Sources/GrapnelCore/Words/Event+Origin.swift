extension Event {
    /// The source of the notices that the hub itself makes.
    package static let hubSource = "grapnel"

    private static let recipePrefix = "recipe:"

    /// The source of the events that a recipe emits.
    package static func source(ofRecipe name: String) -> String { recipePrefix + name }

    /// The recipe whose events a source's name stands for; `nil` when it stands for none.
    package static func recipe(ofSource name: String) -> String? {
        name.hasPrefix(recipePrefix) ? String(name.dropFirst(recipePrefix.count)) : nil
    }
}
