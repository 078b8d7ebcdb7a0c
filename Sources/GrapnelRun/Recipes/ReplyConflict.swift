package import GrapnelFormat

/// Finds recipes that would both answer the vendor of one event.
package enum ReplyConflict {
    /// The names of another recipe that certainly answers an event that `manifest` answers as well; `nil` when there
    /// is none, or when only the event can tell.
    package static func rival(of manifest: RecipeManifest, among others: [RecipeManifest]) -> String? {
        guard manifest.reply != nil else { return nil }
        return others.first { other in
            other.name != manifest.name && other.reply != nil
                && manifest.triggers.contains { mine in other.triggers.contains { meet(mine, $0) } }
        }?.name
    }

    /// Whether some event is certainly wanted by both: a shared type, and no two different conditions that may
    /// exclude each other.
    private static func meet(_ left: EventTrigger, _ right: EventTrigger) -> Bool {
        guard left.source == right.source else { return false }
        guard left.condition == nil || right.condition == nil || left.condition == right.condition else {
            return false
        }
        if left.events.isEmpty || right.events.isEmpty { return true }
        return left.events.contains { mine in right.events.contains { shareType(mine, $0) } }
    }

    private static func shareType(_ left: EventPattern, _ right: EventPattern) -> Bool {
        let (mine, other) = (left.description.split(separator: "."), right.description.split(separator: "."))
        let shorter = mine.count < other.count ? mine : other
        guard mine.count == other.count || shorter.last == "*" else { return false }
        return zip(mine, other).allSatisfy { $0 == $1 || $0 == "*" || $1 == "*" }
    }
}
