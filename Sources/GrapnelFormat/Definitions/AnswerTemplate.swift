/// What a vendor is answered.
package struct AnswerTemplate: Sendable {
    /// Default 200 for a handshake, 202 for an event.
    package var status: Int
    /// The content type; `nil` with a body: `application/json`.
    package var type: String?
    package var headers: [(name: String, value: Template)]
    package var body: Template?

    package init(
        status: Int, type: String? = nil, headers: [(name: String, value: Template)] = [], body: Template? = nil
    ) {
        self.status = status
        self.type = type
        self.headers = headers
        self.body = body
    }
}
