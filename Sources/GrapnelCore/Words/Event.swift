/// One fact of an accepted request: stored, immutable.
package struct Event: Sendable, Hashable, IdentifiedSubject {
    package static let identifierPrefix = "evt"

    package var id: Identifier<Event>
    package var tenant: TenantID
    /// The name of the source it came in by.
    package var source: String
    /// The vendor's name for what happened, such as `issues.opened`; `unknown` when the request does not say.
    package var type: String
    /// The vendor's id of the delivery, by which repeats are recognised; `nil` when the vendor sends none.
    package var deliveryID: String?
    package var receivedAt: Timestamp
    package var headers: HeaderFields
    /// The query of the request, as sent.
    package var query: String
    /// The exact bytes of the whole request body.
    package var raw: [UInt8]
    package var bodyKind: EventBodyKind
    /// The JSON text of the body when `bodyKind` is `.value`; `nil` otherwise.
    package var value: [UInt8]?
    /// Why a body that claims to be JSON, a form or XML could not be parsed.
    package var parseError: String?
    /// The earlier event with the same delivery id and another body, when this one is a conflict.
    package var conflictOf: Identifier<Event>?
    /// The run that emitted it; `nil` when it came from outside or the hub made it by itself.
    package var cause: Identifier<Run>?
    /// How many events led to it, each by a run: 0 when no run emitted it.
    package var depth: Int

    package init(
        id: Identifier<Event>, tenant: TenantID, source: String, type: String, deliveryID: String?,
        receivedAt: Timestamp, headers: HeaderFields, query: String, raw: [UInt8], bodyKind: EventBodyKind,
        value: [UInt8]? = nil, parseError: String? = nil, conflictOf: Identifier<Event>? = nil,
        cause: Identifier<Run>? = nil, depth: Int = 0
    ) {
        self.id = id
        self.tenant = tenant
        self.source = source
        self.type = type
        self.deliveryID = deliveryID
        self.receivedAt = receivedAt
        self.headers = headers
        self.query = query
        self.raw = raw
        self.bodyKind = bodyKind
        self.value = value
        self.parseError = parseError
        self.conflictOf = conflictOf
        self.cause = cause
        self.depth = depth
    }
}

extension Event {
    /// `event.body` as a value: parsed JSON, the text, or `nil` when there is none.
    package func body() -> JSON? {
        switch bodyKind {
        case .json: try? JSONParser.parse(raw)
        case .value: value.flatMap { try? JSONParser.parse($0) }
        case .text: .string(String(decoding: raw, as: UTF8.self))
        case .absent: nil
        }
    }
}
