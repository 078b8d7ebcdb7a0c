package import GrapnelCore

/// A file of `connectors/<vendor>/tests/`.
package struct ConnectorTest: Sendable {
    /// The name of its file, without `.yaml`.
    package var name: String
    package var operation: String
    package var input: JSON
    /// Credential → value, for this test; default: its own name.
    package var credentials: [String: String]
    /// The connection's base URL; `nil`: the connector's.
    package var baseURL: String?
    /// The time of sending, for signatures.
    package var now: Timestamp?
    /// The idempotency key.
    package var key: String?
    /// Whether it is about the look-up of the operation, not about its sending.
    package var isLookup = false
    package var expectedMethod: String?
    package var expectedURL: String?
    /// Exactly these, besides those that every request carries.
    package var expectedHeaders: [String: String]?
    /// A JSON value for JSON bodies, a text for all others.
    package var expectedBody: JSON?
    /// The vendor's answer; `nil`: the operation's sample.
    package var answer: SampleResponse?
    package var output: JSON?
    /// `code`, `message`, `status`, `retryable`, `outcome`, `retry_after`, as far as given.
    package var error: JSON?

    package init(
        name: String, operation: String, input: JSON, credentials: [String: String] = [:], baseURL: String? = nil,
        now: Timestamp? = nil, key: String? = nil, expectedMethod: String? = nil, expectedURL: String? = nil,
        expectedHeaders: [String: String]? = nil, expectedBody: JSON? = nil, answer: SampleResponse? = nil,
        output: JSON? = nil, error: JSON? = nil
    ) {
        self.name = name
        self.operation = operation
        self.input = input
        self.credentials = credentials
        self.baseURL = baseURL
        self.now = now
        self.key = key
        self.expectedMethod = expectedMethod
        self.expectedURL = expectedURL
        self.expectedHeaders = expectedHeaders
        self.expectedBody = expectedBody
        self.answer = answer
        self.output = output
        self.error = error
    }
}
