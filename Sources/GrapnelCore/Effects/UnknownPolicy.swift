/// What to do with an effect whose outcome is unknown: the table of `architecture.md` §5 as a function.
package enum UnknownPolicy: Sendable, Hashable {
    /// Send again, the same bytes under the same key.
    case resend(maybeDuplicate: Bool)
    /// Ask the vendor whether it happened.
    case lookUp
    /// Wait for a human.
    case park

    /// What follows.
    ///
    /// - Parameters:
    ///   - effectClass: The class of the operation.
    ///   - keyValidUntil: Until when the vendor recognises our key; `nil` when it has no window.
    ///   - canLookUp: Whether the operation says how to ask the vendor for it (`reconcile:`).
    ///   - humanSaidResend: Whether a human has said that it may be sent again.
    ///   - now: Wall-clock time.
    package static func decide(
        _ effectClass: EffectClass, keyValidUntil: Timestamp?, canLookUp: Bool, humanSaidResend: Bool, now: Timestamp
    ) -> UnknownPolicy {
        if humanSaidResend { return .resend(maybeDuplicate: true) }
        switch effectClass {
        case .safe: return .resend(maybeDuplicate: false)
        case .idempotent, .atLeastOnce: return .resend(maybeDuplicate: true)
        case .vendorKey:
            guard let keyValidUntil, now < keyValidUntil else { return canLookUp ? .lookUp : .park }
            return .resend(maybeDuplicate: true)
        case .reconcile: return canLookUp ? .lookUp : .park
        case .atMostOnce: return .park
        }
    }
}
