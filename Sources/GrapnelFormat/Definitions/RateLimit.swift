import GrapnelCore

/// So many in a time, written `50/1m`.
package struct RateLimit: Sendable, Hashable, CustomStringConvertible {
    /// At least 1.
    package var count: Int
    /// More than zero.
    package var interval: Duration

    package init(count: Int, interval: Duration) {
        self.count = count
        self.interval = interval
    }

    /// The limit that `text` spells; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), count >= 1, let interval = Duration(text: String(parts[1])),
            interval > .zero
        else { return nil }
        self.init(count: count, interval: interval)
    }

    package var description: String { "\(count)/\(interval.text)" }
}
