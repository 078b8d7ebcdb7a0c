/// Where paths look: a handful of roots, such as `body` and `headers`.
package protocol ValueScope: Sendable {
    /// What the root `name` stands for; `nil` when there is none here.
    func root(_ name: String) -> ScopeValue?

    /// Whether the values under the root `name` came as a form, all text: one that looks like a JSON number then
    /// compares as one.
    func isForm(_ name: String) -> Bool
}

extension ValueScope {
    package func isForm(_ name: String) -> Bool {
        name == "form" || name == "query"
    }
}
