/// An operation that a handler leaves behind, as the handler said it.
package struct OutputRequest: Sendable, Hashable {
    package var connection: String
    package var operation: String
    package var input: JSON
    /// The step of the ledger: the author's key, else `connection.operation#n`.
    package var step: String
    package var delay: Duration

    package init(connection: String, operation: String, input: JSON, step: String, delay: Duration) {
        self.connection = connection
        self.operation = operation
        self.input = input
        self.step = step
        self.delay = delay
    }
}
