package import GrapnelCore

/// What a handler asks for at a step, to be compared with what the ledger has.
package struct WantedEffect: Sendable, Hashable {
    package var connection: String
    package var operation: String
    package var effectClass: EffectClass
    package var input: JSON
    package var fingerprint: [UInt8]

    package init(connection: String, operation: String, effectClass: EffectClass, input: JSON) {
        self.connection = connection
        self.operation = operation
        self.effectClass = effectClass
        self.input = input
        fingerprint = EffectFingerprint.make(connection: connection, operation: operation, input: input)
    }
}
