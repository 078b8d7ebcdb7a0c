package import GrapnelCore

extension ProviderDefinition {
    /// The keys of provider.yaml, as JSON Schema for editors and as the list that the decoder goes by.
    package static let schema: JSON = [
        "type": "object", "required": ["name", "verify", "event"],
        "properties": [
            "name": ["type": "string"], "docs": ["type": "string"], "verify": ["type": "array"],
            "event": [
                "type": "object",
                "properties": ["each": ["type": "string"], "id": ["type": "string"], "type": ["type": "string"]],
            ],
            "handshake": ["type": "array"], "answer": answerSchema,
            "trigger": [
                "type": "object",
                "properties": [
                    "content_type": ["type": "string"], "headers": ["type": "object"], "set": ["type": "object"],
                ],
            ],
            "vectors": ["type": "array"],
        ],
    ]

    static let answerSchema: JSON = [
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
        "type": "object", "required": ["from", "source", "secret"],
        "properties": [
            "from": ["type": "string"], "source": ["type": "string"], "scheme": ["type": "string"],
            "secret": ["type": "string"], "method": ["type": "string"], "url": ["type": "string"],
            "raw": ["type": "string"], "headers": ["type": "object"], "now": ["type": "string"],
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
        name = reader.string("name") ?? id
        docs = reader.string("docs") ?? ""
        verify = reader.elements("verify").compactMap { SignatureScheme.read($0, reader.collector) }
        if let block = reader.mapping("event") {
            if let path = block.string("each") {
                event.each = block.collector.attempt(at: block.value("each")?.position) {
                    () throws(ExpressionError) in try PathExpression(path)
                }
            }
            event.id = block.template("id")
            event.type = block.template("type")
        }
        handshakes = reader.elements("handshake").compactMap { node in
            guard
                let rule = MappingReader(
                    node, schema: ProviderDefinition.handshakeSchema, what: "\"handshake\"",
                    collector: reader.collector),
                let condition = rule.predicate("when"), let answer = rule.mapping("answer")
            else { return nil }
            return HandshakeRule(
                condition: condition, isVerified: rule.bool("verified") ?? true,
                answer: AnswerTemplate.read(answer, status: 200))
        }
        answer = reader.mapping("answer").map { AnswerTemplate.read($0, status: 202) }
        if let block = reader.mapping("trigger") {
            trigger.contentType = block.string("content_type")
            trigger.headers = block.templates("headers")
            trigger.set = block.templates("set").map { (path: $0.name, value: $0.value) }
        }
        vectors = reader.elements("vectors").compactMap { ProviderDefinition.vector($0, reader.collector) }
    }

    private static func vector(_ node: YAMLNode, _ collector: FormatCollector) -> SignatureVector? {
        guard let reader = MappingReader(node, schema: vectorSchema, what: "a vector", collector: collector),
            let origin = reader.parsed("from", "published or self-made", { SignatureVector.Origin(rawValue: $0) })
        else { return nil }
        return SignatureVector(
            from: origin, source: reader.string("source") ?? "", scheme: reader.string("scheme"),
            secret: reader.string("secret") ?? "", method: reader.string("method") ?? "POST",
            url: reader.string("url") ?? "https://example.com/", raw: Array((reader.string("raw") ?? "").utf8),
            headers: HeaderFields(reader.pairs("headers").map { ($0.key, $0.value) }),
            now: reader.parsed("now", "a time such as 2026-01-05T09:00:00Z") { Timestamp(rfc3339: $0) })
    }
}

extension AnswerTemplate {
    /// Reads `answer:` of a provider or of a handshake.
    static func read(_ reader: MappingReader, status: Int) -> AnswerTemplate {
        AnswerTemplate(
            status: reader.integer("status", in: 200...599) ?? status, type: reader.string("type"),
            headers: reader.templates("headers"), body: reader.template("body"))
    }
}
