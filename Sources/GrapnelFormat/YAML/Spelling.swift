/// Finds what a misspelt word was meant to be.
enum Spelling {
    /// The candidate that is nearest to `word`, when it is near enough to be meant.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let ranked = candidates.map { (candidate: $0, distance: distance(word.lowercased(), $0.lowercased())) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.candidate.count / 3) ? best.candidate : nil
    }

    /// The number of single-character edits between two words (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var row = Array(0...right.count)
        for i in 0..<left.count {
            var previous = row[0]
            row[0] = i + 1
            for j in 0..<right.count {
                let current = row[j + 1]
                row[j + 1] = min(row[j + 1] + 1, row[j] + 1, previous + (left[i] == right[j] ? 0 : 1))
                previous = current
            }
        }
        return row[right.count]
    }
}
