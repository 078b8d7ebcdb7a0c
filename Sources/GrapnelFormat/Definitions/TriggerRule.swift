/// `trigger:` of a provider: how a sample becomes a new delivery. Its templates know, besides those of a provider, the
/// roots `type` (the event type asked for), `uuid`, `token` (32 hex digits), `number` (a random whole number), `now`
/// (milliseconds) and `unix` (seconds).
package struct TriggerRule: Sendable {
    /// Default `application/json`; by sample when `nil`.
    package var contentType: String?
    package var headers: [(name: String, value: Template)]
    /// Paths of the sample's body → new values, so that every trigger is a new delivery.
    package var set: [(path: String, value: Template)]

    package init(
        contentType: String? = nil, headers: [(name: String, value: Template)] = [],
        set: [(path: String, value: Template)] = []
    ) {
        self.contentType = contentType
        self.headers = headers
        self.set = set
    }
}
