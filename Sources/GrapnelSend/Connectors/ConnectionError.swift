/// Why a connection of grapnel.yaml cannot be used; found when the hub starts.
package struct ConnectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the connection.
    package let connection: String
    /// What is wrong and what to do.
    package let message: String

    package init(connection: String, message: String) {
        self.connection = connection
        self.message = message
    }

    package var description: String { "connection \(connection): \(message)" }
}
