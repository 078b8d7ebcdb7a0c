package import GrapnelCore

/// A request that was not accepted: never an event, kept for a while for the operator to look at.
package struct RejectedRequest: Sendable, Hashable {
    package var id: Identifier<InboundRequest>
    package var tenant: TenantID
    package var source: String
    /// The request; its body is cut to `QueueLimits.rejectedBody`.
    package var request: InboundRequest
    package var kind: RejectionKind
    /// For the operator: what was looked for and where. Never a secret or a computed signature.
    package var detail: String

    package init(
        id: Identifier<InboundRequest>, tenant: TenantID, source: String, request: InboundRequest,
        kind: RejectionKind, detail: String
    ) {
        self.id = id
        self.tenant = tenant
        self.source = source
        self.request = request
        self.kind = kind
        self.detail = detail
    }
}
