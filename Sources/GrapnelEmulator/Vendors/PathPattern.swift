import GrapnelCore

/// The path of an operation, with holes in its segments.
struct PathPattern: Sendable, Hashable {
    /// One pattern for each segment.
    let segments: [TextPattern]

    /// How many segments are fixed: of two operations that fit, the one with more of them is meant.
    var fixedCount: Int { segments.count { !$0.hasHole } }

    /// What stands in the holes; `nil` when the path is another operation's.
    func match(_ path: [String]) -> [(hole: PatternHole, text: String)]? {
        guard path.count == segments.count else { return nil }
        var found: [(hole: PatternHole, text: String)] = []
        for (text, pattern) in zip(path, segments) {
            guard let holes = pattern.match(text), !holes.contains(where: { $0.text.isEmpty }) else { return nil }
            found += holes
        }
        return found
    }
}
