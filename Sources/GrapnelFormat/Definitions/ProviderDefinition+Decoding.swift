package import GrapnelCore

extension ProviderDefinition {
    /// The keys of provider.yaml.
    package static let schema: JSON = [
        "type": "object", "required": ["name", "verify", "event"],
        "properties": [
            "name": ["type": "string"], "docs": ["type": "string"],
            "verify": ["anyOf": [SignatureScheme.schema, ["type": "array", "items": SignatureScheme.schema]]],
            "event": eventSchema, "handshake": ["type": "array", "items": handshakeSchema], "answer": answerSchema,
            "trigger": [
                "type": "object",
                "properties": [
                    "content_type": ["type": "string"], "headers": ["type": "object"], "set": ["type": "object"],
                ],
            ],
            "vectors": ["type": "array", "items": vectorSchema],
        ],
    ]

    static let eventSchema: JSON = [
        "type": "object", "properties": ["each": ["type": "string"], "id": [:], "type": [:]],
    ]

    private static let answerSchema: JSON = [
        "type": "object",
        "properties": [
            "status": ["type": "integer"], "type": ["type": "string"], "headers": ["type": "object"],
            "body": ["type": "string"], "within": ["type": "string"],
        ],
    ]

    private static let handshakeSchema: JSON = [
        "type": "object", "required": ["when", "answer"],
        "properties": ["when": ["type": "object"], "verified": ["type": "boolean"], "answer": answerSchema],
    ]

    private static let vectorSchema: JSON = [
        "type": "object", "required": ["from", "source", "secret", "headers"],
        "properties": [
            "from": ["type": "string"], "source": ["type": "string"], "scheme": ["type": "string"],
            "secret": ["type": "string"], "now": ["type": "string"], "method": ["type": "string"],
            "url": ["type": "string"], "raw": ["type": "string"], "headers": ["type": "object"],
        ],
    ]

    /// Decodes provider.yaml.
    ///
    /// - Parameters:
    ///   - id: The name of the provider's folder.
    ///   - file: The name of the file, for errors.
    package static func decode(yaml text: String, id: String, file: String) throws(FormatErrors) -> ProviderDefinition {
        let collector = FormatCollector(file: file)
        let root = try YAMLDocument.parse(text, file: file)
        var provider = ProviderDefinition(id: id, name: id, verify: [], event: EventRule())
        if let reader = MappingReader(root, schema: schema, what: "provider.yaml", collector: collector) {
            provider.read(reader)
        }
        try collector.check()
        return provider
    }

    private mutating func read(_ reader: MappingReader) {
        let collector = reader.collector
        name = reader.string("name") ?? id
        docs = reader.string("docs") ?? ""
        for node in reader.elements("verify") {
            guard let scheme = SignatureScheme.decode(node, collector) else { continue }
            if verify.contains(where: { $0.name == scheme.name }) {
                collector.add(node.position, "there is another scheme \"\(scheme.name)\"")
            }
            verify.append(scheme)
        }
        if let block = reader.mapping("event") { event = EventRule(reader: block) }
        handshakes = reader.elements("handshake").compactMap { ProviderDefinition.handshake($0, collector) }
        answer = reader.mapping("answer").flatMap { ProviderDefinition.answer($0, status: 202) }
        if let block = reader.mapping("trigger") {
            trigger = TriggerRule(
                contentType: block.string("content_type"), headers: block.templates("headers"),
                set: block.templates("set").map { (path: $0.name, value: $0.value) })
        }
        let names = verify.map(\.name)
        vectors = reader.elements("vectors").compactMap { ProviderDefinition.vector($0, collector, schemes: names) }
    }

    private static func answer(_ reader: MappingReader, status: Int) -> AnswerTemplate {
        AnswerTemplate(
            status: reader.integer("status", in: 200...599) ?? status, type: reader.string("type"),
            headers: reader.templates("headers"), body: reader.template("body"), within: reader.duration("within"))
    }

    private static func handshake(_ node: YAMLNode, _ collector: FormatCollector) -> HandshakeRule? {
        guard let reader = MappingReader(node, schema: handshakeSchema, what: "a handshake", collector: collector),
            let condition = reader.predicate("when"),
            let block = reader.value("answer").flatMap({
                MappingReader($0, schema: answerSchema, what: "\"answer\"", collector: collector)
            })
        else { return nil }
        return HandshakeRule(
            condition: condition, isVerified: reader.bool("verified") ?? true, answer: answer(block, status: 200))
    }

    private static func vector(
        _ node: YAMLNode, _ collector: FormatCollector, schemes: [String]
    ) -> SignatureVector? {
        guard let reader = MappingReader(node, schema: vectorSchema, what: "a vector", collector: collector),
            let from = reader.word("from", SignatureVector.Origin.self), let secret = reader.string("secret")
        else { return nil }
        var vector = SignatureVector(
            from: from, source: reader.string("source") ?? "", scheme: reader.string("scheme"), secret: secret,
            raw: Array((reader.string("raw") ?? "").utf8),
            headers: HeaderFields(reader.pairs("headers").map { ($0.key, $0.value) }))
        vector.now = reader.parsed("now", "a time such as 2026-01-05T09:00:00Z") { Timestamp(rfc3339: $0) }
        if let method = reader.string("method") { vector.method = method }
        if let url = reader.string("url") { vector.url = url }
        if let scheme = vector.scheme, !schemes.contains(scheme) {
            let hint = Spelling.nearest(to: scheme, among: schemes).map { "did you mean \"\($0)\"?" }
            collector.add(
                reader.value("scheme")?.position, "there is no scheme \"\(scheme)\"",
                hint: hint ?? "there are \(schemes.joined(separator: ", "))")
        }
        return vector
    }
}

extension EventRule {
    /// Reads `each`, `id` and `type`; the last two may be lists, of which the first that is there is taken.
    init(reader: MappingReader) {
        self.init()
        if let text = reader.string("each"), let position = reader.value("each")?.position {
            each = reader.collector.attempt(at: position) { () throws(ExpressionError) in try PathExpression(text) }
        }
        id = EventRule.template("id", reader, .wholeIsAbsent)
        type = EventRule.template("type", reader, .dropsLastDot)
    }

    private static func template(
        _ key: String, _ reader: MappingReader, _ absence: Template.AbsenceRule
    ) -> Template? {
        guard let texts = reader.strings(key), let position = reader.value(key)?.position else { return nil }
        let template = reader.collector.attempt(at: position) { () throws(ExpressionError) in
            try Template(firstOf: texts, absence: absence)
        }
        return template ?? nil
    }
}
