package import GrapnelCore

/// One entry of `operations:`.
package struct OperationDefinition: Sendable {
    package var name: String
    package var summary: String
    package var docs: String
    package var effect: EffectClass
    /// With `vendor_key`: the header that carries our key, and how long the vendor recognises it.
    package var idempotency: IdempotencyRule?
    /// How to ask the vendor whether it took place: with `reconcile`, and with `vendor_key` for after the window.
    package var reconcile: ReconcileRule?
    package var input: JSONSchema
    package var request: RequestTemplate
    package var response: ResponseRule
    package var sample: SampleResponse

    package init(
        name: String, summary: String, docs: String = "", effect: EffectClass, idempotency: IdempotencyRule? = nil,
        reconcile: ReconcileRule? = nil, input: JSONSchema, request: RequestTemplate, response: ResponseRule,
        sample: SampleResponse
    ) {
        self.name = name
        self.summary = summary
        self.docs = docs
        self.effect = effect
        self.idempotency = idempotency
        self.reconcile = reconcile
        self.input = input
        self.request = request
        self.response = response
        self.sample = sample
    }
}
