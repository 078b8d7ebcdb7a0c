/// The content hash of a deployed recipe bundle: 64 hex digits of SHA-256, of which people see the first 12.
package struct RecipeVersion: Sendable, Hashable {
    package let hash: String

    package init(_ hash: String) { self.hash = hash }

    /// The form for people.
    package var short: String { String(hash.prefix(12)) }
}

extension RecipeVersion: CustomStringConvertible {
    package var description: String { hash }
}
