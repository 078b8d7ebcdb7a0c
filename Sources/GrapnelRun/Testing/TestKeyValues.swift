import GrapnelCore
import GrapnelQueue
import Synchronization

/// The store of a recipe for the time of one test.
final class TestKeyValues: KeyValueStoring {
    private let state: Mutex<[String: KeyValueEntry]>

    init(_ values: [String: JSON]) {
        state = Mutex(
            values.reduce(into: [:]) { entries, pair in
                entries[pair.key] = KeyValueEntry(
                    key: pair.key, value: JSONWriter.bytes(pair.value), version: 1, expiresAt: nil)
            })
    }

    /// The value of a key; `nil` when absent.
    func value(_ key: String) -> JSON? {
        state.withLock { $0[key] }.flatMap { try? JSONParser.parse($0.value) }
    }

    func entry(_ key: String) async throws -> KeyValueEntry? { state.withLock { $0[key] } }

    func entries(prefix: String, limit: Int) async throws -> [KeyValueEntry] {
        state.withLock { entries in
            let found = entries.values.filter { $0.key.utf8.starts(with: prefix.utf8) }
            return Array(found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.prefix(limit))
        }
    }

    func write(_ write: KeyValueWrite) async throws -> KeyValueBatchResult { apply(write) }

    /// Writes one key, under its expected version.
    @discardableResult
    func apply(_ write: KeyValueWrite) -> KeyValueBatchResult {
        state.withLock { entries in
            let version = entries[write.key]?.version ?? 0
            if let expected = write.expectedVersion, expected != version { return .conflict(key: write.key) }
            entries[write.key] = write.value.map {
                KeyValueEntry(key: write.key, value: $0, version: version + 1, expiresAt: write.expiresAt)
            }
            return .written(versions: [write.value == nil ? 0 : version + 1])
        }
    }
}
