/// Whether a batch of store writes took place.
package enum KeyValueBatchResult: Sendable, Hashable {
    /// All of it; the new version of each key, in order; 0 for a deletion.
    case written(versions: [Int64])
    /// None of it: this key has another version than expected.
    case conflict(key: String)
}
