package import GrapnelCore
import GrapnelFormat

/// Makes a runnable version of a recipe's folder.
package struct RecipeLoader: Sendable {
    private let bundler: Bundler
    private let bundles: BundleStore?

    /// - Parameter bundles: Where versions are kept; `nil` keeps none, as for a check or a test.
    package init(bundler: Bundler = Bundler(), bundles: BundleStore?) {
        self.bundler = bundler
        self.bundles = bundles
    }

    /// The version that the folder holds now. A bundle is made only when a file that goes into it has changed.
    package func load(_ folder: RecipeFolder) async throws(RecipeRefusal) -> DeployedRecipe {
        let source = BundleSource(
            folder: folder.path, files: folder.manifest.handlers, style: folder.manifest.style,
            shared: folder.sharedPath)
        let unchanged = bundles?.unchangedBundle(recipe: folder.name, source: source)
        do {
            let bundle =
                if let unchanged { unchanged } else {
                    try await bundler.bundle(source)
                }
            let entry = BundleStore.Entry(
                script: bundle.script, sourceMap: bundle.sourceMap, manifest: folder.canonicalManifest)
            let version = entry.version
            if let bundles {
                try bundles.save(entry)
                if unchanged == nil {
                    bundles.remember(bundle, version: version, recipe: folder.name, source: source)
                }
            }
            return DeployedRecipe(
                manifest: folder.manifest, version: version, script: bundle.script, sourceMap: bundle.sourceMap)
        } catch {
            let problems = error.problems.map { problem in
                var named = problem
                if let file = problem.file { named.file = RecipeLoader.place(of: file, in: folder.name) }
                return named.file == nil ? "recipes/\(folder.name): \(named)" : named.description
            }
            throw RecipeRefusal(recipe: folder.name, problems: problems)
        }
    }

    /// A version of an earlier deployment; `nil` when it is not kept or cannot be read any more.
    package func kept(_ version: RecipeVersion, ofRecipe name: String) -> DeployedRecipe? {
        guard let entry = bundles?.entry(version),
            // The canonical JSON of a manifest is YAML as well.
            let manifest = try? RecipeManifest.decode(
                yaml: String(decoding: entry.manifest, as: UTF8.self), name: name, file: "manifest.json")
        else { return nil }
        return DeployedRecipe(
            manifest: manifest, version: version, script: entry.script, sourceMap: entry.sourceMap)
    }

    /// The path of a file in the hub's folder, of one that is relative to the recipe's.
    private static func place(of file: String, in recipe: String) -> String {
        if file.hasPrefix("/") { return file }
        return file.hasPrefix("../") ? "recipes/\(file.dropFirst(3))" : "recipes/\(recipe)/\(file)"
    }
}
