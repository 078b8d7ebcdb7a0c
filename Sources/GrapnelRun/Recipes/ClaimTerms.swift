import GrapnelFormat

/// What a claim must know of the active recipes: worked out once for a deployment, since claims are made all the time.
package struct ClaimTerms: Sendable {
    /// Every recipe, with the connections that it uses.
    package let recipes: [(name: String, connections: [String])]
    /// The most runs at a time of the recipes that have such a bound.
    package let most: [String: Int]
    /// The priorities that are not 0.
    package let priorities: [String: Int]

    init(_ manifests: [RecipeManifest]) {
        recipes = manifests.map { (name: $0.name, connections: Array($0.uses.keys)) }
        let bounds = manifests.compactMap { manifest in manifest.flow.concurrency.map { (manifest.name, $0) } }
        most = Dictionary(bounds) { $1 }
        priorities = Dictionary(
            manifests.filter { $0.flow.priority != 0 }.map { ($0.name, $0.flow.priority) }
        ) { $1 }
    }
}
