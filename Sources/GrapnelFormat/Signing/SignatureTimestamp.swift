/// `timestamp:` of a scheme: when the vendor signed, and how far from now that may be.
package struct SignatureTimestamp: Sendable, Hashable {
    /// Where to look.
    package enum Source: Sendable, Hashable {
        /// `header: X-Timestamp`
        case header(String)
        /// `pair: t`, one of the pairs that the signature is among.
        case pair(String)
        /// `body: webhookTimestamp`, a path that starts with `body` or `form`.
        case body(PathExpression)
    }

    /// How the time is written.
    package enum Unit: String, Sendable, Hashable, CaseIterable {
        /// Whole seconds since 1970.
        case seconds = "s"
        /// Whole milliseconds since 1970.
        case milliseconds = "ms"
        case rfc3339
    }

    /// What is allowed when a provider says nothing.
    package static let defaultTolerance: Duration = .seconds(300)

    /// `header`, `pair` or `body`
    package var source: Source
    /// `unit`, seconds when absent.
    package var unit: Unit
    /// `tolerance`: how much older or newer than now a request may be, 5 minutes when absent.
    package var tolerance: Duration

    package init(source: Source, unit: Unit = .seconds, tolerance: Duration = defaultTolerance) {
        self.source = source
        self.unit = unit
        self.tolerance = tolerance
    }
}
