/// Ends a run for good: it is dead, and is not tried again.
public struct Discard: Error, Sendable {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }
}
