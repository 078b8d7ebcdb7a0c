/// `retry_on:` of a connection: which failures are tried again by their status, whatever the connector says.
package struct RetryRule: Sendable, Hashable {
    /// One entry: `429`, `500-599`, or `!501`.
    package struct Entry: Sendable, Hashable, CustomStringConvertible {
        package var range: StatusRange
        package var isRetried: Bool

        package init(_ range: StatusRange, isRetried: Bool) {
            self.range = range
            self.isRetried = isRetried
        }

        /// The entry that `text` spells; `nil` for anything else, and for what is no failure.
        package init?(_ text: String) {
            let isRetried = !text.hasPrefix("!")
            guard let range = StatusRange(isRetried ? text : String(text.dropFirst())), range.first >= 300 else {
                return nil
            }
            self.init(range, isRetried: isRetried)
        }

        package var description: String { isRetried ? range.description : "!\(range)" }
    }

    /// In the order of the file.
    package var entries: [Entry]

    package init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    /// Whether a failure with this status is tried again; `nil` when no entry speaks of it. The last one that does wins.
    package func decision(on status: Int) -> Bool? {
        entries.last { $0.range.contains(status) }?.isRetried
    }
}
