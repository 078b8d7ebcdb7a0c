import ArgumentParser

/// What a command that takes ids or a filter was given.
enum Selection {
    /// Whether it is a filter; throws when it is neither or both.
    static func isFilter(ids: [String], _ parameters: [(String, String?)]) throws -> Bool {
        let hasFilter = parameters.contains { $0.1 != nil }
        switch (ids.isEmpty, hasFilter) {
        case (false, false): return false
        case (true, true): return true
        case (true, false): throw ValidationError("Say which: ids, or a filter such as --recipe, --since or --error.")
        case (false, true): throw ValidationError("Give ids or a filter, not both.")
        }
    }
}
