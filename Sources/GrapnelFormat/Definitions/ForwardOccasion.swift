/// What an operation without code is left behind for, and so what its templates may name.
package enum ForwardOccasion: Sendable, Hashable {
    /// An event that a recipe wants.
    case event
    /// A notice: an entry of `alerts:`.
    case notice
    /// The failure of a recipe: its `on_failure:`.
    case failure

    private static let alertPrefix = "alert:"
    private static let failurePrefix = "on-failure:"

    /// The name of the recipe that an entry of `alerts:` acts as. No folder of a recipe has a name like it.
    package static func recipeName(ofAlert name: String) -> String { alertPrefix + name }

    /// The name of the recipe that the `on_failure:` of a recipe acts as.
    package static func recipeName(ofFailuresOf recipe: String) -> String { failurePrefix + recipe }

    /// The occasion of a recipe of this name.
    package init(recipe name: String) {
        self = name.hasPrefix(Self.alertPrefix) ? .notice : name.hasPrefix(Self.failurePrefix) ? .failure : .event
    }

    /// The roots of its templates.
    package var roots: [String] {
        let common = ["body", "headers", "query", "form", "raw", "event", "env"]
        return switch self {
        case .event: common
        case .notice: ["notice", "event"]
        case .failure: ["recipe", "event", "error", "run", "notice"]
        }
    }
}
