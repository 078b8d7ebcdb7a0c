import Synchronization

/// The port that webhooks come in at, once the system has given it.
final class ListeningPort: Sendable {
    private let port = Mutex<Int?>(nil)

    /// `nil` until the hub listens.
    var value: Int? { port.withLock { $0 } }

    func set(_ value: Int) { port.withLock { $0 = value } }
}
