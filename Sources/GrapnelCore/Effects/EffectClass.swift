/// What may be done when nobody knows whether an operation took place; declared by the connector.
package enum EffectClass: String, Sendable, Hashable, CaseIterable {
    /// Reads only: send again.
    case safe
    /// Doing it twice is doing it once: send again.
    case idempotent
    /// The vendor recognises our key: send again with the same key while its window lasts.
    case vendorKey = "vendor_key"
    /// It can be looked up by our reference.
    case reconcile
    /// Send again, marked `maybe_duplicate`.
    case atLeastOnce = "at_least_once"
    /// Never send again by itself: park for a human.
    case atMostOnce = "at_most_once"
}
