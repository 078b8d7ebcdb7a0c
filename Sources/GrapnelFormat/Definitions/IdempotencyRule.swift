/// `idempotency:` of an operation.
package struct IdempotencyRule: Sendable, Hashable {
    /// The header that carries our key.
    package var header: String
    /// How long the vendor recognises it.
    package var window: Duration

    package init(header: String, window: Duration) {
        self.header = header
        self.window = window
    }
}
