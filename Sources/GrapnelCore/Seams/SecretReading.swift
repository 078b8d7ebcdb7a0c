/// Looks up secrets by the names that files use: the sealed store, then the environment, then `.env`.
///
/// It stands on the way of every event and every sending: an implementation keeps opened values in memory.
package protocol SecretReading: Sendable {
    /// The value of the secret `name`; `nil` when no place holds one.
    func secret(named name: String) -> [UInt8]?
}
