package import GrapnelCore
package import GrapnelQueue

/// The durable store of one recipe, as a run reads it and, outside its commit, writes it. The queue's store is the
/// real one; a test of a recipe brings its own.
package protocol KeyValueStoring: Sendable {
    /// The entry of a key; `nil` when absent. Throws `QueueError`.
    func entry(_ key: String) async throws -> KeyValueEntry?
    /// Entries whose key starts with `prefix`, in the order of keys. Throws `QueueError`.
    func entries(prefix: String, limit: Int) async throws -> [KeyValueEntry]
    /// Writes at once. Throws `QueueError`.
    func write(_ write: KeyValueWrite) async throws -> KeyValueBatchResult
}
