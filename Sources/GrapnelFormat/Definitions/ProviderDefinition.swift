/// `provider.yaml`: a vendor's way to sign, identify and hand-shake webhooks, as data.
package struct ProviderDefinition: Sendable {
    /// The name of its folder.
    package var id: String
    /// For people.
    package var name: String
    package var docs: String
    /// Strongest first; the first whose signature is present on the request is checked.
    package var verify: [SignatureScheme]
    package var event: EventRule
    package var handshakes: [HandshakeRule]
    /// What an accepted request is answered; `nil`: 202 and the event ids.
    package var answer: AnswerTemplate?
    /// What `grapnel trigger` adds to a sample before it is signed.
    package var trigger: TriggerRule
    package var vectors: [SignatureVector]

    package init(
        id: String, name: String, docs: String = "", verify: [SignatureScheme], event: EventRule,
        handshakes: [HandshakeRule] = [], answer: AnswerTemplate? = nil, trigger: TriggerRule = TriggerRule(),
        vectors: [SignatureVector] = []
    ) {
        self.id = id
        self.name = name
        self.docs = docs
        self.verify = verify
        self.event = event
        self.handshakes = handshakes
        self.answer = answer
        self.trigger = trigger
        self.vectors = vectors
    }
}
