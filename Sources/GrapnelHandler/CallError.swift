/// Why an operation did not succeed.
public struct CallError: Error, Decodable, Sendable {
    public let message: String
    /// A stable word, such as `http_404` or `timeout`.
    public let code: String
    /// The vendor's HTTP status, when there was an answer.
    public let status: Int?
    /// Whether another try can help.
    public let retryable: Bool
    /// `definite` when it did not happen, `unknown` when it may have.
    public let outcome: String
    /// How long the vendor asked to wait, in milliseconds.
    public let retryAfter: Int?
}
