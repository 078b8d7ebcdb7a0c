import Yams

/// Composes nodes without resolving them: every scalar keeps its text and style.
enum YAMLComposer {
    static func compose(_ text: String) throws -> Node? {
        let parser = try Parser(yaml: text, resolver: Resolver([]), constructor: .default)
        let root = try parser.singleRoot()
        return root
    }
}
