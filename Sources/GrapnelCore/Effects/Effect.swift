/// A call or an output in the ledger: one row for each (origin, step).
package struct Effect: Sendable, Hashable, IdentifiedSubject {
    package static let identifierPrefix = "eff"

    package var id: Identifier<Effect>
    package var tenant: TenantID
    /// The first run of the line of replays that shares this effect.
    package var origin: Identifier<Run>
    /// The run that wanted it last.
    package var run: Identifier<Run>
    package var recipe: String
    /// The author's key, else `connection.operation#n` in program order.
    package var step: String
    package var kind: EffectKind
    package var connection: String
    package var operation: String
    package var effectClass: EffectClass
    package var state: EffectState
    /// SHA-256 of connection, operation and canonical input: tells whether a repeated step asks for the same.
    package var fingerprint: [UInt8]
    /// The same over attempts, nodes and restores; sent as `Grapnel-Effect`.
    package var idempotencyKey: String
    /// The input as JSON text.
    package var input: [UInt8]
    /// Until when the vendor recognises the key; `nil` when it has no such window.
    package var keyValidUntil: Timestamp?
    /// It was, or will be, sent again although an earlier sending may have arrived.
    package var maybeDuplicate: Bool
    /// A human has said that it may be sent again.
    package var humanSaidResend: Bool
    /// How often bytes may have left.
    package var sends: Int
    /// How often the vendor was asked whether it happened, since that became unknown; `nil` when it cannot be asked.
    package var lookups: Int?
    /// The last HTTP status of the vendor.
    package var status: Int?
    /// The recorded output as JSON text, once confirmed.
    package var output: [UInt8]?
    /// Why it failed or is unknown.
    package var failure: CallFailure?
    package var createdAt: Timestamp
    /// When the last sending was begun. It may have left later, by as long as its connection and the disk took.
    package var sentAt: Timestamp?
    /// When the end of the last sending was recorded, or that nobody knows it.
    package var settledAt: Timestamp?

    package init(
        id: Identifier<Effect>, tenant: TenantID, origin: Identifier<Run>, run: Identifier<Run>, recipe: String,
        step: String, kind: EffectKind, connection: String, operation: String, effectClass: EffectClass,
        state: EffectState, fingerprint: [UInt8], idempotencyKey: String, input: [UInt8],
        keyValidUntil: Timestamp? = nil, maybeDuplicate: Bool = false, humanSaidResend: Bool = false, sends: Int = 0,
        lookups: Int? = nil, status: Int? = nil, output: [UInt8]? = nil, failure: CallFailure? = nil,
        createdAt: Timestamp,
        sentAt: Timestamp? = nil, settledAt: Timestamp? = nil
    ) {
        self.id = id
        self.tenant = tenant
        self.origin = origin
        self.run = run
        self.recipe = recipe
        self.step = step
        self.kind = kind
        self.connection = connection
        self.operation = operation
        self.effectClass = effectClass
        self.state = state
        self.fingerprint = fingerprint
        self.idempotencyKey = idempotencyKey
        self.input = input
        self.keyValidUntil = keyValidUntil
        self.maybeDuplicate = maybeDuplicate
        self.humanSaidResend = humanSaidResend
        self.sends = sends
        self.lookups = lookups
        self.status = status
        self.output = output
        self.failure = failure
        self.createdAt = createdAt
        self.sentAt = sentAt
        self.settledAt = settledAt
    }
}
