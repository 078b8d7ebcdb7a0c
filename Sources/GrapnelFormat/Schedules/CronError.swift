/// Why a text is no cron expression.
package struct CronError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field that is wrong; `nil` when it is the whole.
    package let field: CronFieldKind?
    /// What is wrong, and what to write instead.
    package let message: String

    init(_ message: String, in field: CronFieldKind? = nil) {
        self.field = field
        self.message = message
    }

    package var description: String { field.map { "the \($0.rawValue) \(message)" } ?? message }
}
