extension Event {
    /// The source of the notices that the hub itself makes.
    package static let hubSource = "grapnel"

    private static let recipePrefix = "recipe:"
    private static let schedulePrefix = "schedule:"

    /// The source of the events that a recipe emits.
    package static func source(ofRecipe name: String) -> String { recipePrefix + name }

    /// The source of the events that time makes for a recipe.
    package static func source(ofSchedulesOf recipe: String) -> String { schedulePrefix + recipe }

    /// Whether time makes the events of a source: its ticks, and the runs that people planned.
    package static func isOfSchedule(source name: String) -> Bool { name.hasPrefix(schedulePrefix) }

    /// The recipe whose events a source's name stands for; `nil` when it stands for none.
    package static func recipe(ofSource name: String) -> String? {
        name.hasPrefix(recipePrefix) ? String(name.dropFirst(recipePrefix.count)) : nil
    }
}
