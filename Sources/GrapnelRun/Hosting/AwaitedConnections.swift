/// Told which connections runs are awaiting, so that one that hangs does not fill the isolates.
package protocol AwaitedConnections: Sendable {
    /// A run has begun to await an answer of this connection.
    func awaitBegan(connection: String)
    /// A run has its answer.
    func awaitEnded(connection: String)
}
