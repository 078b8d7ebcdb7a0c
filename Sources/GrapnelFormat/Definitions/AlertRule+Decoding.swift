import GrapnelCore

extension AlertRule {
    /// The keys of an entry: those of an operation, and `on`.
    static let schema: JSON = {
        var schema = ForwardRule.schema.object ?? JSONObject()
        var properties = schema["properties"]?.object ?? JSONObject()
        properties["on"] = ["type": ["array", "string"]]
        schema["properties"] = .object(properties)
        return .object(schema)
    }()

    /// Decodes an entry; `nil`, with its mistakes noted, when it is none.
    init?(_ node: YAMLNode, _ collector: FormatCollector) {
        guard
            let reader = MappingReader(
                node, schema: AlertRule.schema, what: "an entry of \"alerts\"", roots: ForwardOccasion.notice.roots,
                collector: collector)
        else { return nil }
        var kinds: [NoticeKind] = []
        for word in reader.strings("on") ?? [] {
            guard let kind = NoticeKind(rawValue: word) else {
                let known = NoticeKind.allCases.map(\.rawValue)
                let hint = Spelling.nearest(to: word, among: known).map { "did you mean \"\($0)\"?" }
                collector.add(
                    reader.value("on")?.position, "there is no notice \"\(word)\"",
                    hint: hint ?? "there are \(known.joined(separator: ", "))")
                continue
            }
            kinds.append(kind)
        }
        guard let rule = ForwardRule(reader) else { return nil }
        self.init(kinds: kinds, rule: rule)
    }
}
