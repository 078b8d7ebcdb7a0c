import GrapnelCore
import Synchronization

/// Secrets that a test changes.
final class SecretTable: SecretReading {
    private let values: Mutex<[String: String]>

    init(_ values: [String: String]) {
        self.values = Mutex(values)
    }

    func set(_ name: String, _ value: String?) { values.withLock { $0[name] = value } }

    func secret(named name: String) -> [UInt8]? { values.withLock { $0[name].map { Array($0.utf8) } } }
}
