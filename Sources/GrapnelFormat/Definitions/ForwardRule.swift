package import GrapnelCore

/// An operation of a connection that is left behind without code: an entry of `forward:`, of `alerts:`, or
/// `on_failure:`.
package struct ForwardRule: Sendable, Hashable {
    package var connection: String
    package var operation: String
    /// The input; default an empty object.
    package var input: JSONTemplate

    package init(connection: String, operation: String, input: JSONTemplate) {
        self.connection = connection
        self.operation = operation
        self.input = input
    }

    /// As it is written in a file.
    package var definition: JSON {
        [
            "connection": .string(connection), "operation": .string(operation), "input": input.definition,
        ]
    }
}
