package import GrapnelCore
import GrapnelFormat
import Synchronization

/// Holds the active deployment and replaces it as a whole when the recipes' folders have changed.
package final class DeploymentStore: Sendable {
    /// The versions of earlier deployments that are kept ready. 32.
    private static let readyVersions = 32

    private struct State {
        var deployment: Deployment
        /// Versions that runs with recorded effects still need, oldest first.
        var earlier: [DeployedRecipe] = []
    }

    private let loader: RecipeLoader
    private let state: Mutex<State>

    package init(loader: RecipeLoader, deployment: Deployment = Deployment()) {
        self.loader = loader
        state = Mutex(State(deployment: deployment))
    }

    /// The active deployment.
    package var current: Deployment { state.withLock { $0.deployment } }

    /// Loads every recipe of the hub and activates what is good. A bad recipe is refused with all that is wrong with
    /// it, and its earlier version stays.
    ///
    /// - Parameters:
    ///   - hubFolder: The hub's folder.
    ///   - sources: The names of the hub's sources.
    ///   - catalog: The hub's connections.
    ///   - processes: Whether handlers may be programs.
    ///   - isWhole: Whether one bad recipe keeps all of the others as they are.
    package func load(
        hubFolder: String, sources: Set<String>, catalog: any ConnectionCatalog,
        processes: ProcessPolicy = ProcessPolicy(), isWhole: Bool = false
    ) async -> DeploymentReport {
        var loaded: [DeployedRecipe] = []
        var report = DeploymentReport()
        let names = RecipeFolder.names(inHub: hubFolder)
        for name in names {
            do throws(RecipeRefusal) {
                let folder = try RecipeFolder(name: name, hubFolder: hubFolder)
                var problems = folder.problems(sources: sources, catalog: catalog)
                if let rival = ReplyConflict.rival(of: folder.manifest, among: loaded.map(\.manifest)) {
                    problems.append(
                        folder.problem(
                            at: "reply",
                            "the recipe \(rival) answers the same events; a vendor hears one answer, so "
                                + "remove reply: from one of the two or narrow its where:"))
                }
                do throws(RecipeRefusal) {
                    let recipe = try await loader.load(folder, processes: processes)
                    if problems.isEmpty { loaded.append(recipe) }
                } catch {
                    // A handler that is not there has been told of already.
                    if problems.isEmpty || folder.absentHandlers.isEmpty {
                        problems += error.problems
                    }
                }
                report.warnings += folder.warnings(recipes: names)
                if !problems.isEmpty { throw RecipeRefusal(recipe: name, problems: problems) }
            } catch {
                report.refusals.append(error)
            }
        }
        if isWhole, !report.refusals.isEmpty { return report }
        activate(loaded, names: Set(names), report: &report)
        return report
    }

    /// A version of a recipe, active or of an earlier deployment; `nil` when it is not kept.
    package func recipe(_ name: String, version: RecipeVersion) -> DeployedRecipe? {
        let known = state.withLock { state -> DeployedRecipe? in
            if let active = state.deployment.recipes[name], active.version == version { return active }
            return state.earlier.first { $0.version == version && $0.name == name }
        }
        if let known { return known }
        guard let kept = loader.kept(version, ofRecipe: name) else { return nil }
        state.withLock { state in
            state.earlier.append(kept)
            if state.earlier.count > DeploymentStore.readyVersions { state.earlier.removeFirst() }
        }
        return kept
    }

    private func activate(_ loaded: [DeployedRecipe], names: Set<String>, report: inout DeploymentReport) {
        state.withLock { state in
            let before = state.deployment.recipes
            let good = Dictionary(loaded.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
            var after = good
            for (name, recipe) in before where good[name] == nil && names.contains(name) { after[name] = recipe }
            for (name, recipe) in after where before[name]?.version != recipe.version {
                report.activated[name] = recipe.version
            }
            report.retired = before.values.filter { after[$0.name]?.version != $0.version }.map(\.version)
            report.removed = before.keys.filter { after[$0] == nil }.sorted()
            state.deployment = Deployment(Array(after.values))
        }
    }
}

extension DeploymentStore: RecipeMatching {
    package func matches(for event: Event, body: JSON?) -> [RecipeMatch] {
        current.matches(for: event, body: body)
    }
}
