/// The hub's end of the pipes is gone, or said what cannot be read.
public struct ChannelError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
