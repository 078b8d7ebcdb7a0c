/// What to do with an effect whose outcome is unknown: the table of `architecture.md` §5 as a function.
package enum UnknownPolicy: Sendable, Hashable {
    /// Send again, the same bytes under the same key.
    case resend(maybeDuplicate: Bool)
    /// Wait for a human.
    case park

    /// What follows.
    ///
    /// - Parameters:
    ///   - effectClass: The class of the operation.
    ///   - keyValidUntil: Until when the vendor recognises our key; `nil` when it has no window.
    ///   - humanSaidResend: Whether a human has said that it may be sent again.
    ///   - now: Wall-clock time.
    package static func decide(
        _ effectClass: EffectClass, keyValidUntil: Timestamp?, humanSaidResend: Bool, now: Timestamp
    ) -> UnknownPolicy {
        if humanSaidResend { return .resend(maybeDuplicate: true) }
        switch effectClass {
        case .safe: return .resend(maybeDuplicate: false)
        case .idempotent, .atLeastOnce: return .resend(maybeDuplicate: true)
        case .vendorKey:
            guard let keyValidUntil, now < keyValidUntil else { return .park }
            return .resend(maybeDuplicate: true)
        case .reconcile, .atMostOnce: return .park
        }
    }
}
