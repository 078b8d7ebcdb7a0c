/// One way in which a value does not fit a schema.
package struct SchemaViolation: Sendable, Hashable, CustomStringConvertible {
    /// Where in the value, such as `input.blocks.0.type`; empty for the value itself.
    package var path: String
    package var message: String

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { path.isEmpty ? message : "\(path) \(message)" }
}
