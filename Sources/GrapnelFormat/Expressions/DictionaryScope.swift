/// A scope of ready values.
package struct DictionaryScope: ValueScope {
    private let roots: [String: ScopeValue]

    package init(_ roots: [String: ScopeValue]) {
        self.roots = roots
    }

    package func root(_ name: String) -> ScopeValue? {
        roots[name]
    }
}
