package import GrapnelCore

extension ConnectorDefinition {
    /// The keys of connector.yaml, as JSON Schema for editors and as the list that the decoder goes by.
    package static let schema: JSON = [
        "type": "object", "required": ["name", "operations"],
        "properties": [
            "name": ["type": "string"], "docs": ["type": "string"], "base_url": ["type": "string"],
            "auth": ["oneOf": [authSchema, ["type": "array", "items": authSchema]]],
            "rate_limit": ["type": "object", "properties": ["retry_after": ["type": "string"]]],
            "operations": ["type": "object"],
        ],
    ]

    private static let authSchema: JSON = [
        "type": "object", "required": ["kind"],
        "properties": [
            "kind": ["type": "string"], "credential": ["type": "string"], "username": ["type": "string"],
            "password": ["type": "string"], "name": ["type": "string"],
        ],
    ]

    /// What a request is made of.
    private static let requestRoots = ["input", "credential", "event", "run"]
    /// What an answer is judged by.
    private static let responseRoots = ["status", "headers", "body"]

    /// What a look-up is made of, and what its answer is judged by.
    private static let lookupRoots = ["input", "event", "run"]
    private static let foundRoots = ["output"]

    private static let operationSchema: JSON = [
        "type": "object", "required": ["summary", "effect", "input", "request"],
        "properties": [
            "summary": ["type": "string"], "docs": ["type": "string"], "effect": ["type": "string"],
            "idempotency": [
                "type": "object", "required": ["header", "window"],
                "properties": ["header": ["type": "string"], "window": ["type": "string"]],
            ],
            "reconcile": [
                "type": "object", "required": ["operation", "input"],
                "properties": [
                    "operation": ["type": "string"], "input": ["type": "object"], "found": ["type": "object"],
                    "output": [:], "after": ["type": "string"], "tries": ["type": "integer"],
                ],
            ],
            "input": ["type": "object"],
            "request": [
                "type": "object", "required": ["method"],
                "properties": [
                    "method": ["type": "string"], "path": ["type": "string"], "url": ["type": "string"],
                    "query": ["type": "object"], "headers": ["type": "object"], "extra_headers": ["type": "string"],
                    "json": [:], "form": ["type": "object"], "multipart": ["type": "object"],
                    "xml": ["type": "string"], "text": ["type": "string"], "raw": ["type": "string"],
                ],
            ],
            "response": [
                "type": "object",
                "properties": [
                    "success": matchSchema, "retryable": ["type": "array"], "rejected": ["type": "array"],
                    "unknown": ["type": "array"], "unauthorized": ["type": "array"], "error": ["type": "string"],
                    "output": [:],
                ],
            ],
            "sample": [
                "type": "object",
                "properties": [
                    "status": ["type": "integer"], "headers": ["type": "object"], "json": [:],
                    "text": ["type": "string"],
                ],
            ],
        ],
    ]

    private static let matchSchema: JSON = [
        "type": "object", "properties": ["status": ["type": "array"], "where": ["type": "object"]],
    ]

    /// Decodes connector.yaml.
    ///
    /// - Parameters:
    ///   - id: The name of the connector's folder.
    ///   - file: The name of the file, for errors.
    package static func decode(yaml text: String, id: String, file: String) throws(FormatErrors) -> ConnectorDefinition
    {
        let collector = FormatCollector(file: file)
        let root = try YAMLDocument.parse(text, file: file)
        var connector = ConnectorDefinition(id: id, name: id, operations: [])
        if let reader = MappingReader(root, schema: schema, what: "connector.yaml", collector: collector) {
            connector.read(reader)
        }
        try collector.check()
        return connector
    }

    private mutating func read(_ reader: MappingReader) {
        name = reader.string("name") ?? id
        docs = reader.string("docs") ?? ""
        baseURL = reader.parsed("base_url", "a URL such as https://api.example.com") { text in
            guard text.hasPrefix("https://") || text.hasPrefix("http://") else { return nil }
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        authChoices = reader.elements("auth").compactMap { node in
            MappingReader(
                node, schema: ConnectorDefinition.authSchema, what: "\"auth\"", collector: reader.collector
            ).map { ConnectorDefinition.auth($0) }
        }
        auth = authChoices.first { $0.credentials.isEmpty } ?? authChoices.first ?? .none
        retryAfter = reader.mapping("rate_limit")?.template("retry_after")
        operations = reader.entries("operations").compactMap {
            ConnectorDefinition.operation($0, reader.collector)
        }
        for entry in reader.entries("operations") { checkLookup(entry, reader.collector) }
    }

    private static func auth(_ reader: MappingReader) -> AuthRule {
        let credential = reader.string("credential") ?? "token"
        switch reader.string("kind") ?? "none" {
        case "none": return .none
        case "bearer": return .bearer(credential: credential)
        case "basic":
            return .basic(
                username: reader.string("username") ?? "username", password: reader.string("password") ?? "password")
        case "header": return .header(name: reader.string("name") ?? "Authorization", credential: credential)
        case "query": return .query(name: reader.string("name") ?? "key", credential: credential)
        case "standard-webhooks": return .standardWebhooks(credential: credential)
        case let kind:
            let later = ["oauth2-client", "oauth2-refresh", "sigv4", "google-jwt", "hmac"].contains(kind)
            reader.collector.add(
                reader.value("kind")?.position,
                later
                    ? "auth of kind \"\(kind)\" is not supported by this version" : "unknown kind of auth \"\(kind)\"",
                hint: "known are: none, bearer, basic, header, query, standard-webhooks")
            return .none
        }
    }

    private static func operation(_ entry: YAMLNode.Entry, _ collector: FormatCollector) -> OperationDefinition? {
        let what = "the operation \"\(entry.key)\""
        guard let reader = MappingReader(entry.value, schema: operationSchema, what: what, collector: collector)
        else { return nil }
        let input = reader.value("input")
        var schema: JSONSchema?
        do throws(JSONSchemaError) {
            schema = try JSONSchema(input?.json ?? [:])
        } catch {
            collector.add(input?.position, "\"input\": \(error)")
        }
        let request = reader.mapping("request", roots: requestRoots).flatMap { ConnectorDefinition.request($0) }
        guard let schema, let request else { return nil }
        let effect = reader.word("effect", EffectClass.self) ?? .atMostOnce
        var idempotency: IdempotencyRule?
        if let block = reader.mapping("idempotency"), let header = block.string("header"),
            let window = block.duration("window")
        {
            idempotency = IdempotencyRule(header: header, window: window)
        }
        if effect == .vendorKey, idempotency == nil {
            collector.add(entry.position, "\(what) is vendor_key and needs \"idempotency\": the vendor's key header")
        }
        let reconcile = reader.mapping("reconcile").flatMap { ConnectorDefinition.reconcile($0) }
        if effect == .reconcile, reader.value("reconcile") == nil {
            collector.add(
                reader.value("effect")?.position,
                "\(what) is of the class reconcile and needs \"reconcile\": how to look it up",
                hint: "or write at_most_once: an unknown outcome then waits for a person")
        }
        if effect != .reconcile, effect != .vendorKey, let block = reader.value("reconcile") {
            collector.add(
                block.position, "\(what) is \(effect.rawValue), whose unknown outcomes are not looked up",
                hint: "write effect: reconcile, or remove the key")
        }
        return OperationDefinition(
            name: entry.key, summary: reader.string("summary") ?? "", docs: reader.string("docs") ?? "",
            effect: effect, idempotency: idempotency, reconcile: reconcile, input: schema, request: request,
            response: reader.mapping("response", roots: responseRoots).map { ConnectorDefinition.response($0) }
                ?? ResponseRule(),
            sample: reader.mapping("sample").map { SampleResponse.read($0) } ?? SampleResponse())
    }

    private static func reconcile(_ reader: MappingReader) -> ReconcileRule? {
        let input = reader.naming(lookupRoots).tree("input")
        guard let operation = reader.string("operation"), let input else { return nil }
        let answer = reader.naming(foundRoots)
        var rule = ReconcileRule(
            operation: operation, input: input, found: answer.predicate("found"), output: answer.tree("output"))
        if let after = reader.duration("after", atLeast: .seconds(1), atMost: .seconds(86_400)) { rule.after = after }
        if let tries = reader.integer("tries", in: 1...100) { rule.tries = tries }
        return rule
    }

    /// Notes a look-up that no operation makes, or one that changes something.
    private func checkLookup(_ entry: YAMLNode.Entry, _ collector: FormatCollector) {
        guard let lookup = operation(entry.key)?.reconcile?.operation else { return }
        let position = entry.value["reconcile"]?.position
        guard let definition = operation(lookup) else {
            let hint = Spelling.nearest(to: lookup, among: operations.map(\.name)).map { "did you mean \"\($0)\"?" }
            collector.add(position, "there is no operation \"\(lookup)\" to look \(entry.key) up", hint: hint)
            return
        }
        guard definition.effect != .safe else { return }
        collector.add(
            position,
            "the operation \"\(lookup)\" that looks \(entry.key) up must be safe, "
                + "not \(definition.effect.rawValue)")
    }

    private static func request(_ reader: MappingReader) -> RequestTemplate? {
        guard let method = reader.template("method"), let slash = try? Template("/") else { return nil }
        if reader.value("path") == nil, reader.value("url") == nil {
            reader.collector.add(reader.node.position, "\"request\" needs \"path\" or \"url\"")
        }
        var request = RequestTemplate(method: method, path: reader.template("path") ?? slash)
        request.url = reader.template("url")
        request.query = reader.templates("query")
        request.headers = reader.templates("headers")
        if let path = reader.string("extra_headers") {
            request.extraHeaders = reader.collector.attempt(at: reader.value("extra_headers")?.position) {
                () throws(ExpressionError) in try PathExpression(path)
            }
        }
        let kinds = ["json", "form", "multipart", "xml", "text", "raw"].filter { reader.node[$0] != nil }
        if kinds.count > 1 {
            reader.collector.add(
                reader.node.position, "a request has one body, not \(kinds.joined(separator: " and "))")
        }
        switch kinds.first {
        case "json": request.body = reader.tree("json").map { .json($0) } ?? .none
        case "form": request.body = reader.tree("form").map { .form($0) } ?? .none
        case "multipart": request.body = reader.tree("multipart").map { .multipart($0) } ?? .none
        case "xml": request.body = reader.template("xml").map { .xml($0) } ?? .none
        case "text": request.body = reader.template("text").map { .text($0) } ?? .none
        case "raw": request.body = reader.template("raw").map { .raw($0) } ?? .none
        default: break
        }
        return request
    }

    private static func response(_ reader: MappingReader) -> ResponseRule {
        var rule = ResponseRule()
        if let block = reader.mapping("success") {
            rule.success = match(block)
            if rule.success.statuses.isEmpty { rule.success.statuses = [StatusRange(200, 299)] }
        }
        rule.retryable = matches(reader, "retryable")
        rule.rejected = matches(reader, "rejected")
        rule.unknown = matches(reader, "unknown")
        rule.unauthorized = matches(reader, "unauthorized")
        rule.error = reader.template("error")
        rule.output = reader.tree("output")
        return rule
    }

    private static func matches(_ reader: MappingReader, _ key: String) -> [ResponseRule.Match] {
        reader.elements(key).compactMap { node in
            MappingReader(
                node, schema: matchSchema, what: "\"\(key)\"", roots: responseRoots, collector: reader.collector
            )
            .map { match($0) }
        }
    }

    private static func match(_ reader: MappingReader) -> ResponseRule.Match {
        var match = ResponseRule.Match()
        for text in reader.strings("status") ?? [] {
            guard let range = StatusRange(text) else {
                reader.collector.add(
                    reader.value("status")?.position, "\"\(text)\" is not a status or a range such as 500-599")
                continue
            }
            match.statuses.append(range)
        }
        match.condition = reader.predicate("where")
        return match
    }
}

extension SampleResponse {
    /// Reads `sample:` of an operation or `answer:` of a connector test.
    static func read(_ reader: MappingReader) -> SampleResponse {
        var sample = SampleResponse()
        if let status = reader.integer("status", in: 100...599) { sample.status = status }
        for pair in reader.pairs("headers") { sample.headers[pair.key] = pair.value }
        sample.json = reader.node["json"]?.json
        sample.text = reader.string("text")
        return sample
    }
}
