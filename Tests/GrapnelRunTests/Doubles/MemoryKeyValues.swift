import GrapnelCore
import GrapnelQueue
import GrapnelRun
import Synchronization

/// A store in memory that can let somebody else write between two looks.
final class MemoryKeyValues: KeyValueStoring {
    private let entries: Mutex<[String: KeyValueEntry]>
    /// Called before every write, with the number of writes so far.
    private let interference: @Sendable (Int) -> KeyValueEntry?
    private let writes = Mutex(0)

    init(_ entries: [KeyValueEntry] = [], interference: @escaping @Sendable (Int) -> KeyValueEntry? = { _ in nil }) {
        self.entries = Mutex(Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0) }))
        self.interference = interference
    }

    func value(_ key: String) -> String? {
        entries.withLock { $0[key].map { String(decoding: $0.value, as: UTF8.self) } }
    }

    func entry(_ key: String) async throws -> KeyValueEntry? { entries.withLock { $0[key] } }

    func entries(prefix: String, limit: Int) async throws -> [KeyValueEntry] {
        entries.withLock { entries in
            Array(entries.values.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }.prefix(limit))
        }
    }

    func write(_ write: KeyValueWrite) async throws -> KeyValueBatchResult {
        let number = writes.withLock { count in
            defer { count += 1 }
            return count
        }
        let foreign = interference(number)
        return entries.withLock { entries in
            if let foreign { entries[foreign.key] = foreign }
            let version = entries[write.key]?.version ?? 0
            if let expected = write.expectedVersion, expected != version { return .conflict(key: write.key) }
            guard let value = write.value else {
                entries[write.key] = nil
                return .written(versions: [0])
            }
            entries[write.key] = KeyValueEntry(
                key: write.key, value: value, version: version + 1, expiresAt: write.expiresAt)
            return .written(versions: [version + 1])
        }
    }
}
