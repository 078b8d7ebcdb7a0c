/// One key of a recipe's durable store.
package struct KeyValueEntry: Sendable, Hashable {
    package var key: String
    /// The value as JSON text.
    package var value: [UInt8]
    /// Rises with every write of the key; 1 is the first.
    package var version: Int64
    package var expiresAt: Timestamp?

    package init(key: String, value: [UInt8], version: Int64, expiresAt: Timestamp?) {
        self.key = key
        self.value = value
        self.version = version
        self.expiresAt = expiresAt
    }
}
