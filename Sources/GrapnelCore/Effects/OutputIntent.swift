/// An output that a run leaves behind, planned and checked, ready to be committed with the run.
package struct OutputIntent: Sendable, Hashable {
    package var step: String
    package var connection: String
    package var operation: String
    package var effectClass: EffectClass
    /// The input as JSON text.
    package var input: [UInt8]
    package var fingerprint: [UInt8]
    package var idempotencyKey: String
    /// How long the vendor recognises the key; `nil` when it has no such window.
    package var keyWindow: Duration?
    /// Whether the vendor can be asked for it when its outcome is unknown.
    package var canLookUp: Bool
    /// How long to wait before the first sending.
    package var delay: Duration
    /// Whether this node has room to send it at once: it is then committed already `in_flight` and leased.
    package var startNow: Bool
    /// The key of the line in which it waits for its turn, among the outputs of its connection; `nil` for none.
    package var lane: String?

    package init(
        step: String, connection: String, operation: String, effectClass: EffectClass, input: [UInt8],
        fingerprint: [UInt8], idempotencyKey: String, keyWindow: Duration?, canLookUp: Bool = false, delay: Duration,
        startNow: Bool, lane: String? = nil
    ) {
        self.lane = lane
        self.canLookUp = canLookUp
        self.step = step
        self.connection = connection
        self.operation = operation
        self.effectClass = effectClass
        self.input = input
        self.fingerprint = fingerprint
        self.idempotencyKey = idempotencyKey
        self.keyWindow = keyWindow
        self.delay = delay
        self.startNow = startNow
    }
}
