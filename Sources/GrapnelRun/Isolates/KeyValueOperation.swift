package import GrapnelCore

/// What a handler asks of its recipe's durable store. The answer to each is the JSON named here.
package enum KeyValueOperation: Sendable, Hashable {
    /// `{"value":…,"version":n}`, or `null` when the key is absent.
    case get(key: String)
    /// Writes; `{"version":n}`. A key whose version is not `ifVersion` (0: absent) is a failure with the code
    /// `version_conflict`. With `now` the write does not wait for the run's commit.
    case set(key: String, value: JSON, ttl: Duration?, ifVersion: Int64?, now: Bool)
    /// Removes; `true` when the key was there.
    case delete(key: String, now: Bool)
    /// `[{"key":…,"value":…,"version":n}, …]` in the order of keys.
    case list(prefix: String)
    /// Adds to a number, 0 when absent; the new number. A value that is no number is a failure, `not_a_number`.
    case increment(key: String, by: Int64, now: Bool)
}
