/// What a vendor is answered.
package struct AnswerTemplate: Sendable {
    /// Default 200 for a handshake, 202 for an event.
    package var status: Int
    /// The content type; `nil` with a body: `application/json`.
    package var type: String?
    package var headers: [(name: String, value: Template)]
    package var body: Template?
    /// How long the vendor waits for an answer; `nil` when it does not say.
    package var within: Duration?

    package init(
        status: Int, type: String? = nil, headers: [(name: String, value: Template)] = [], body: Template? = nil,
        within: Duration? = nil
    ) {
        self.status = status
        self.type = type
        self.headers = headers
        self.body = body
        self.within = within
    }
}
