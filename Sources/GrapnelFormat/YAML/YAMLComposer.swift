import Yams

/// Composes nodes without resolving them: every scalar keeps its text and style.
enum YAMLComposer {
    static func compose(_ text: String) throws -> Node? {
        try Parser(yaml: text, resolver: .basic, constructor: .default).singleRoot()
    }
}
