/// Lets a run be tried again, not before a time has passed.
public struct RetryAfter: Error, Sendable {
    public let wait: Duration
    public let reason: String

    public init(_ wait: Duration, _ reason: String = "the handler asked to wait") {
        self.wait = wait
        self.reason = reason
    }
}
