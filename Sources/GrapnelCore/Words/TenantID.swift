/// A namespace for everything a hub holds; a fresh hub has one, `default`.
package struct TenantID: Sendable, Hashable {
    package let name: String

    package init(_ name: String) { self.name = name }

    /// The tenant of a hub that has one.
    package static let `default` = TenantID("default")
}

extension TenantID: CustomStringConvertible {
    package var description: String { name }
}
