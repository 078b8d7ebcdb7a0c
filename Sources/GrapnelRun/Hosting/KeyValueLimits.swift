package import GrapnelCore

/// The limits of a recipe's durable store.
package struct KeyValueLimits: Sendable, Hashable {
    /// The longest key. Default 512 bytes.
    package var key: ByteCount
    /// The largest value, as JSON text. Default 64 KiB.
    package var value: ByteCount
    /// The most entries that one `list` gives. Default 1,000.
    package var listed: Int
    /// The most keys that one run changes. Default 1,000.
    package var writes: Int
    /// How often a write that does not wait for the run's commit is tried when others write the same key. Default 20.
    package var immediateTries: Int

    package init(
        key: ByteCount = .bytes(512), value: ByteCount = .kibibytes(64), listed: Int = 1000, writes: Int = 1000,
        immediateTries: Int = 20
    ) {
        self.key = key
        self.value = value
        self.listed = listed
        self.writes = writes
        self.immediateTries = immediateTries
    }
}
