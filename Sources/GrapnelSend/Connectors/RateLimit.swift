import GrapnelCore

/// `rate:` of a connection: so many requests in so long a time, written `50/1m`.
package struct RateLimit: Sendable, Hashable {
    package let count: Int
    package let period: Duration

    package init(count: Int, period: Duration) {
        self.count = count
        self.period = period
    }

    /// The limit that `text` spells; `nil` for anything else, zero included.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), count > 0, let period = Duration(text: String(parts[1])),
            period > .zero
        else { return nil }
        self.init(count: count, period: period)
    }

    /// The time that one request uses up.
    var interval: Duration { period / count }

    /// How many requests may follow each other without a pause: a tenth of the count, at least one. A whole period's
    /// worth at once, followed by the steady rate, would be nearly twice the limit in the vendor's window.
    var burst: Int { max(1, count / 10) }
}
