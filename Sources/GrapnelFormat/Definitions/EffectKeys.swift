/// By which keys an effect is limited.
package struct EffectKeys: Sendable, Hashable {
    /// `nil`: no rate but the connection's own concerns it.
    package var rate: String?
    /// `nil`: no concurrency but the connection's own concerns it.
    package var concurrency: String?

    package init(rate: String? = nil, concurrency: String? = nil) {
        self.rate = rate
        self.concurrency = concurrency
    }

    /// It goes by the limits for all.
    package static let none = EffectKeys()
}
