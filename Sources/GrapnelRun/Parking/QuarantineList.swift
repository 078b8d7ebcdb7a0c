package import GrapnelCore
package import GrapnelQueue
import Synchronization

/// The versions that may not start, at hand for every start; the queue keeps them.
package final class QuarantineList: Sendable {
    private struct Key: Hashable {
        var recipe: String
        var version: RecipeVersion
    }

    private let entries: Mutex<[Key: Quarantine]>

    package init(_ quarantines: [Quarantine] = []) {
        entries = Mutex(
            Dictionary(
                quarantines.map { (Key(recipe: $0.recipe, version: $0.version), $0) },
                uniquingKeysWith: { first, _ in first }))
    }

    /// Why a version may not start; `nil` when it may.
    package func find(_ recipe: String, _ version: RecipeVersion) -> Quarantine? {
        entries.withLock { $0[Key(recipe: recipe, version: version)] }
    }

    /// Adds a version; `false` when it is among them already.
    package func add(_ quarantine: Quarantine) -> Bool {
        entries.withLock { entries in
            let key = Key(recipe: quarantine.recipe, version: quarantine.version)
            guard entries[key] == nil else { return false }
            entries[key] = quarantine
            return true
        }
    }

    /// Removes every version of a recipe.
    package func remove(recipe: String) {
        entries.withLock { entries in entries = entries.filter { $0.key.recipe != recipe } }
    }

    /// All of them, by recipe.
    package var all: [Quarantine] {
        entries.withLock { Array($0.values) }.sorted { ($0.recipe, $0.since) < ($1.recipe, $1.since) }
    }
}
