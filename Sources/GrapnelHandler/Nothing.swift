/// The value where there is none to give, or none that is asked for.
public struct Nothing: Codable, Sendable {
    public init() {}

    /// Takes any value, and forgets it.
    public init(from decoder: any Decoder) {}

    public func encode(to encoder: any Encoder) throws {
        _ = encoder.container(keyedBy: Key.self)
    }

    private enum Key: CodingKey {}
}
