package import GrapnelCore
import GrapnelFormat

/// The recipes that are active, and which events they want: a snapshot that never changes.
package struct Deployment: Sendable {
    /// One way in which a recipe wants an event.
    private struct Interest: Sendable {
        var recipe: Int
        var condition: Predicate?
    }

    /// The interests in the events of one source.
    private struct SourceIndex: Sendable {
        /// By exact event type.
        var exact: [String: [Interest]] = [:]
        /// By pattern; `nil` wants every type.
        var patterns: [(pattern: EventPattern?, interest: Interest)] = []
    }

    /// The active version of each recipe, by name.
    package let recipes: [String: DeployedRecipe]
    /// What claims go by.
    package let claimTerms: ClaimTerms
    /// In the order of names.
    private let ordered: [DeployedRecipe]
    private let sources: [String: SourceIndex]

    package init(_ recipes: [DeployedRecipe] = []) {
        self.recipes = Dictionary(recipes.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
        ordered = self.recipes.values.sorted { $0.name < $1.name }
        claimTerms = ClaimTerms(ordered.map(\.manifest))
        var sources: [String: SourceIndex] = [:]
        for (index, recipe) in ordered.enumerated() {
            if !recipe.manifest.schedules.isEmpty {
                var source = sources[recipe.manifest.scheduleSource] ?? SourceIndex()
                source.patterns.append((nil, Interest(recipe: index, condition: nil)))
                sources[recipe.manifest.scheduleSource] = source
            }
            for trigger in recipe.manifest.triggers {
                let interest = Interest(recipe: index, condition: trigger.condition)
                var source = sources[trigger.source] ?? SourceIndex()
                if trigger.events.isEmpty { source.patterns.append((nil, interest)) }
                for pattern in trigger.events {
                    if pattern.isExact {
                        source.exact[pattern.description, default: []].append(interest)
                    } else {
                        source.patterns.append((pattern, interest))
                    }
                }
                sources[trigger.source] = source
            }
        }
        self.sources = sources
    }
}

extension Deployment: RecipeMatching {
    package func matches(for event: Event, body: JSON?) -> [RecipeMatch] {
        guard let source = sources[event.source] else { return [] }
        var wanted: Set<Int> = []
        let scope = EventScope(event: event, body: body)
        func consider(_ interest: Interest) {
            guard !wanted.contains(interest.recipe), interest.condition?.matches(scope) ?? true else { return }
            wanted.insert(interest.recipe)
        }
        for interest in source.exact[event.type] ?? [] { consider(interest) }
        for (pattern, interest) in source.patterns where pattern?.matches(event.type) ?? true { consider(interest) }
        if wanted.isEmpty { return [] }
        // One vendor hears one answer: the first recipe by name gives it.
        var isAnswered = false
        return wanted.sorted().map { index in
            let recipe = ordered[index]
            let reply = isAnswered ? nil : recipe.manifest.reply
            isAnswered = isAnswered || reply != nil
            return RecipeMatch(
                recipe: recipe.name, version: recipe.version, reply: reply,
                flow: recipe.manifest.flow.flow(in: scope, most: recipe.manifest.limits.event))
        }
    }
}
