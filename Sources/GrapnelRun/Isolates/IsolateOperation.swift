package import GrapnelCore

/// Something that a handler awaits.
package enum IsolateOperation: Sendable, Hashable {
    /// `call.<connection>.<operation>(input, { key, timeout })`. The step is the author's key, else
    /// `connection.operation#n`.
    case call(connection: String, operation: String, input: JSON, step: String, timeout: Duration?)
    /// `fetch(…)`. The step is `fetch#n`.
    case fetch(
        method: String, url: String, headers: HeaderFields, body: [UInt8], step: String, timeout: Duration?)
    /// `kv.…`.
    case keyValue(KeyValueOperation)
}
