import GrapnelCore

extension ForwardRule {
    /// The keys of an entry.
    static let schema: JSON = [
        "type": "object", "required": ["connection", "operation"],
        "properties": ["connection": ["type": "string"], "operation": ["type": "string"], "input": ["type": "object"]],
    ]

    /// Decodes an entry; `nil`, with its mistakes noted, when it is none.
    ///
    /// - Parameters:
    ///   - what: What the entry is called in messages.
    ///   - roots: What its templates may name.
    init?(_ node: YAMLNode, what: String, roots: [String], _ collector: FormatCollector) {
        guard
            let reader = MappingReader(
                node, schema: ForwardRule.schema, what: what, roots: roots, collector: collector)
        else { return nil }
        self.init(reader)
    }

    /// The entry that a reader of a mapping with these keys is at.
    init?(_ reader: MappingReader) {
        let (connection, operation) = (reader.string("connection"), reader.string("operation"))
        let input = reader.value("input") == nil ? try? JSONTemplate([:]) : reader.tree("input")
        guard let connection, let operation, let input else { return nil }
        self.init(connection: connection, operation: operation, input: input)
    }
}
