import GrapnelCore
import GrapnelFormat

extension RecipeLoader {
    /// The recipes without code that the entries of `alerts:` act as.
    func alerts(_ alerts: [AlertRule]) throws(RecipeRefusal) -> [DeployedRecipe] {
        var recipes: [DeployedRecipe] = []
        var counts: [String: Int] = [:]
        for alert in alerts {
            let operation = "\(alert.rule.connection).\(alert.rule.operation)"
            let count = counts[operation, default: 0] + 1
            counts[operation] = count
            recipes.append(
                try recipe(
                    ForwardOccasion.recipeName(ofAlert: count == 1 ? operation : "\(operation)#\(count)"),
                    on: [
                        "source": .string(Event.hubSource),
                        "events": .array(alert.kinds.map { .string("notice.\($0.rawValue)") }),
                    ], does: alert.rule))
        }
        return recipes
    }

    /// The recipes without code that the `on_failure:` of recipes act as.
    func failures(of recipes: [DeployedRecipe]) throws(RecipeRefusal) -> [DeployedRecipe] {
        var failures: [DeployedRecipe] = []
        for manifest in recipes.map(\.manifest) {
            guard let rule = manifest.onFailure else { continue }
            failures.append(
                try recipe(
                    ForwardOccasion.recipeName(ofFailuresOf: manifest.name),
                    on: [
                        "source": .string(Event.hubSource),
                        "events": [.string("notice.\(NoticeKind.deadLetter.rawValue)")],
                        "where": ["body.subject": .string(manifest.name)],
                    ], does: rule))
        }
        return failures
    }

    /// A recipe that no folder holds: its manifest is written here, so that versions of it are kept like others.
    private func recipe(
        _ name: String, on trigger: JSON, does rule: ForwardRule
    ) throws(RecipeRefusal) -> DeployedRecipe {
        let canonical = JSONWriter.bytes(["on": trigger, "forward": rule.definition], style: .canonical)
        let manifest: RecipeManifest
        do throws(FormatErrors) {
            manifest = try RecipeManifest.decode(
                yaml: String(decoding: canonical, as: UTF8.self), name: name, file: name)
        } catch {
            throw RecipeRefusal(recipe: name, problems: error.errors.map(\.description))
        }
        return try load(withoutCode: manifest, canonical: canonical)
    }
}
