/// How far a pass of pruning has come over what is kept: by age, source by source; then, if too much is kept, by size over
/// all of them.
struct PruningCursor {
    enum Stage {
        /// The next step begins a pass.
        case atRest
        case age(RequestTable.Place)
        case size(after: Int64)
    }

    var stage = Stage.atRest
    /// The last request of each source that the last pass has looked at.
    private var ends: [String: Int64] = [:]
    /// The last request of all that the last pass has looked at because of their size.
    private var sizeEnd: Int64 = 0

    /// Begins with a source.
    mutating func enter(_ source: String, revisits: Bool) {
        stage = .age(RequestTable.Place(source: source, number: revisits ? 0 : ends[source] ?? 0))
    }

    /// Is done with a source.
    mutating func leave(_ place: RequestTable.Place) { ends[place.source] = place.number }

    /// Begins with what is too much.
    mutating func enterSize(revisits: Bool) { stage = .size(after: revisits ? 0 : sizeEnd) }

    /// Ends the pass.
    mutating func rest() {
        if case .size(let number) = stage { sizeEnd = number }
        stage = .atRest
    }
}
