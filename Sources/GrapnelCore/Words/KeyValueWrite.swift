/// A change of one key of a recipe's durable store.
package struct KeyValueWrite: Sendable, Hashable {
    package var key: String
    /// The new value as JSON text; `nil` deletes the key.
    package var value: [UInt8]?
    package var expiresAt: Timestamp?
    /// The version that the key must have for the write to take place; 0 means that the key must be absent;
    /// `nil` writes without looking.
    package var expectedVersion: Int64?

    package init(key: String, value: [UInt8]?, expiresAt: Timestamp? = nil, expectedVersion: Int64? = nil) {
        self.key = key
        self.value = value
        self.expiresAt = expiresAt
        self.expectedVersion = expectedVersion
    }
}
