/// Why bytes are not JSON, and where.
package struct JSONParseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was wrong, for a person.
    package let message: String
    /// The byte offset at which it was noticed.
    package let offset: Int

    package var description: String { "\(message) at byte \(offset)" }
}
