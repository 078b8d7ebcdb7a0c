/// The keys that say when work may start, which recipes and connections spell alike.
extension MappingReader {
    /// A reader of a key that may be a mapping; `nil` when it is none.
    func mappingIfAny(_ key: String, roots: [String]) -> MappingReader? {
        guard case .mapping? = value(key)?.content else { return nil }
        return mapping(key, roots: roots)
    }

    /// A number in a time.
    func rate(_ key: String) -> RateLimit? {
        parsed(key, "a number in a time, such as 50/1m") { RateLimit($0) }
    }

    /// A path to one value under one of `roots`.
    func path(_ key: String, among roots: [String]) -> PathExpression? {
        guard let text = string(key), let position = value(key)?.position else { return nil }
        let path = collector.attempt(at: position) { () throws(ExpressionError) in try PathExpression(text) }
        guard let path else { return nil }
        check([path], among: roots, at: position)
        if path.isMultiple {
            collector.add(
                position, "\"\(key)\" must lead to one value, and \(text) leads to many",
                hint: "name an element, as in .0")
        }
        return path
    }
}
