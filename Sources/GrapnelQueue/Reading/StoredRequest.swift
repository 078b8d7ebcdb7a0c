package import GrapnelCore

/// An accepted request as it is kept.
package struct StoredRequest: Sendable, Hashable {
    package var id: Identifier<InboundRequest>
    package var tenant: TenantID
    package var source: String
    package var request: InboundRequest
    package var verdict: Verdict
    /// The events it became, in order.
    package var events: [Identifier<Event>]

    package init(
        id: Identifier<InboundRequest>, tenant: TenantID, source: String, request: InboundRequest, verdict: Verdict,
        events: [Identifier<Event>]
    ) {
        self.id = id
        self.tenant = tenant
        self.source = source
        self.request = request
        self.verdict = verdict
        self.events = events
    }
}
