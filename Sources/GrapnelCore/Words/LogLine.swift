/// A line that a handler wrote.
package struct LogLine: Sendable, Hashable {
    /// How loud.
    package enum Level: String, Sendable, Hashable, CaseIterable {
        case debug, info, warn, error
    }

    package var level: Level
    package var at: Timestamp
    package var message: String
    /// Structured data beside the message.
    package var fields: JSON?

    package init(level: Level, at: Timestamp, message: String, fields: JSON? = nil) {
        self.level = level
        self.at = at
        self.message = message
        self.fields = fields
    }
}
