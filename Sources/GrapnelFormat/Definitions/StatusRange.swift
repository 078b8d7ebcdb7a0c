/// A status or a range of them: `429`, `500-599`.
package struct StatusRange: Sendable, Hashable, CustomStringConvertible {
    package var first: Int
    package var last: Int

    package init(_ first: Int, _ last: Int) {
        self.first = first
        self.last = last
    }

    /// The range that `text` spells, within 100 to 599; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count <= 2, let first = parts[0], let last = parts[parts.count - 1], 100 <= first, first <= last,
            last <= 599
        else { return nil }
        self.init(first, last)
    }

    package func contains(_ status: Int) -> Bool { first <= status && status <= last }

    package var description: String { first == last ? String(first) : "\(first)-\(last)" }
}
