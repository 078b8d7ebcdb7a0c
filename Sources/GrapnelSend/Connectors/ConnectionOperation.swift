import GrapnelCore
import GrapnelFormat

/// An operation of a connection whose input has been checked.
struct ConnectionOperation: Sendable {
    let effectClass: EffectClass
    /// How long the vendor surely recognises our key: its window, less a tenth.
    let keyWindow: Duration?
    /// How the vendor is asked whether it took place; `nil` when it cannot be.
    let reconcile: ReconcileRule?

    init(_ definition: OperationDefinition) {
        effectClass = definition.effect
        keyWindow = definition.idempotency.map { $0.window * 9 / 10 }
        reconcile = definition.reconcile
    }
}
