/// The run that a handler is called for.
public struct Run: Decodable, Sendable {
    public let id: String
    /// 1 is the first attempt.
    public let attempt: Int
    public let recipe: String
    public let version: String
    /// When the run will be stopped: RFC 3339, in UTC.
    public let deadline: String
}
