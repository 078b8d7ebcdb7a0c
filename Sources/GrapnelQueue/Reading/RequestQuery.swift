package import GrapnelCore

/// Which requests to list.
package struct RequestQuery: Sendable {
    package var source: String?
    package var before: Identifier<InboundRequest>?
    /// Default 50, at most 1,000.
    package var limit: Int

    package init(source: String? = nil, before: Identifier<InboundRequest>? = nil, limit: Int = 50) {
        self.source = source
        self.before = before
        self.limit = limit
    }
}
