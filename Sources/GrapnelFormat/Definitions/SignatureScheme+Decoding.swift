import GrapnelCore
import GrapnelCrypto

extension SignatureScheme {
    /// The keys of an entry of `verify:`.
    static let schema: JSON = [
        "type": "object", "required": ["scheme", "signature", "algorithm"],
        "properties": [
            "scheme": ["type": "string"], "when": ["type": "object"], "weaker": ["type": "boolean"],
            "signature": [
                "type": "object",
                "properties": [
                    "header": ["type": "string"], "query": ["type": "string"], "body": ["type": "string"],
                    "path": ["type": "boolean"], "basic": ["type": "boolean"], "prefix": ["type": "string"],
                    "separator": ["type": "string"], "pairs": ["type": "string"], "value": ["type": "string"],
                    "encoding": ["type": "string"],
                ],
            ],
            "timestamp": timestampSchema, "algorithm": ["type": "string"], "key": ["type": "string"],
            "strip": ["type": "string"], "signs": ["type": "string"],
            "url": [
                "type": "object", "properties": ["variants": ["type": "array"], "unescape": ["type": "string"]],
            ],
            "body_digest": [
                "type": "object",
                "properties": [
                    "header": ["type": "string"], "query": ["type": "string"], "algorithm": ["type": "string"],
                    "encoding": ["type": "string"],
                ],
            ],
        ],
    ]

    static let timestampSchema: JSON = [
        "type": "object",
        "properties": [
            "header": ["type": "string"], "pair": ["type": "string"], "body": ["type": "string"],
            "unit": ["type": "string"], "tolerance": ["type": "string"],
        ],
    ]

    /// The roots that `signs` may name.
    static let signedRoots = ["raw", "body", "headers", "query", "form", "url", "method", "timestamp", "secret"]

    /// Decodes one entry; `nil`, with the mistakes noted, when it cannot be used.
    static func decode(_ node: YAMLNode, _ collector: FormatCollector) -> SignatureScheme? {
        guard let reader = MappingReader(node, schema: schema, what: "a scheme", collector: collector),
            let name = reader.string("scheme"), let block = reader.mapping("signature"),
            let signature = location(block), let algorithm = algorithm(reader)
        else { return nil }
        var scheme = SignatureScheme(name: name, signature: signature, algorithm: algorithm, signs: nil)
        scheme.when = reader.predicate("when")
        scheme.isWeaker = reader.bool("weaker") ?? false
        scheme.timestamp = reader.mapping("timestamp").flatMap { timestamp($0) }
        scheme.key.encoding = reader.word("key", SignatureKey.Encoding.self) ?? .utf8
        scheme.key.strip = reader.string("strip") ?? ""
        scheme.signs = reader.template("signs")
        if let url = reader.mapping("url") { scheme.url = SignedURL(reader: url) }
        scheme.bodyDigest = reader.mapping("body_digest").flatMap { bodyDigest($0) }
        scheme.check(reader)
        return scheme
    }

    private static func algorithm(_ reader: MappingReader) -> SignatureAlgorithm? {
        guard let name = reader.string("algorithm") else { return nil }
        if let algorithm = SignatureAlgorithm(rawValue: name) { return algorithm }
        reader.collector.add(reader.value("algorithm")?.position, SignatureAlgorithm.refusal(of: name))
        return nil
    }

    /// The key of `names` that is there, when exactly one is.
    private static func only(_ names: [String], _ reader: MappingReader, _ what: String) -> String? {
        let present = names.filter { reader.value($0) != nil }
        if present.count == 1 { return present[0] }
        reader.collector.add(reader.node.position, "\(what) needs one of \(names.joined(separator: ", "))")
        return nil
    }

    private static func location(_ reader: MappingReader) -> SignatureLocation? {
        let source: SignatureLocation.Source
        switch only(["header", "query", "body", "path", "basic"], reader, "\"signature\"") {
        case "header":
            guard let name = reader.string("header") else { return nil }
            source = .header(name)
        case "query":
            guard let name = reader.string("query") else { return nil }
            source = .query(name)
        case "body":
            guard let path = bodyPath(reader) else { return nil }
            source = .body(path)
        case "path": source = .path
        case "basic": source = .basic
        default: return nil
        }
        let plain: SignatureLocation.Encoding = source == .basic ? .base64 : source == .path ? .raw : .hex
        let location = SignatureLocation(
            source: source, prefix: reader.string("prefix") ?? "", separator: reader.string("separator"),
            pairs: reader.string("pairs"), value: reader.string("value"),
            encoding: reader.word("encoding", SignatureLocation.Encoding.self) ?? plain)
        if (location.pairs == nil) != (location.value == nil) {
            reader.collector.add(
                reader.node.position, "\"pairs\" and \"value\" go together",
                hint: "such as pairs: \",\" and value: v1")
        }
        return location
    }

    /// A path into the body; its root may be left out.
    private static func bodyPath(_ reader: MappingReader) -> PathExpression? {
        guard let text = reader.string("body"), let position = reader.value("body")?.position else { return nil }
        return reader.collector.attempt(at: position) { () throws(ExpressionError) in
            let path = try PathExpression(text)
            return path.root == "body" || path.root == "form" ? path : try PathExpression("body.\(text)")
        }
    }

    private static func timestamp(_ reader: MappingReader) -> SignatureTimestamp? {
        let source: SignatureTimestamp.Source
        switch only(["header", "pair", "body"], reader, "\"timestamp\"") {
        case "header":
            guard let name = reader.string("header") else { return nil }
            source = .header(name)
        case "pair":
            guard let name = reader.string("pair") else { return nil }
            source = .pair(name)
        case "body":
            guard let path = bodyPath(reader) else { return nil }
            source = .body(path)
        default: return nil
        }
        return SignatureTimestamp(
            source: source, unit: reader.word("unit", SignatureTimestamp.Unit.self) ?? .seconds,
            tolerance: reader.duration("tolerance") ?? SignatureTimestamp.defaultTolerance)
    }

    private static func bodyDigest(_ reader: MappingReader) -> BodyDigest? {
        let source: BodyDigest.Source
        switch only(["header", "query"], reader, "\"body_digest\"") {
        case "header":
            guard let name = reader.string("header") else { return nil }
            source = .header(name)
        case "query":
            guard let name = reader.string("query") else { return nil }
            source = .query(name)
        default: return nil
        }
        return BodyDigest(
            source: source, algorithm: reader.word("algorithm", HashAlgorithm.self) ?? .sha256,
            encoding: reader.word("encoding", SignatureLocation.Encoding.self) ?? .hex)
    }

    /// What can be seen to be wrong without a request.
    private func check(_ reader: MappingReader) {
        let collector = reader.collector
        if algorithm.sendsSecret != (signs == nil), reader.value("signs") == nil || algorithm.sendsSecret {
            collector.add(
                reader.node.position,
                algorithm.sendsSecret
                    ? "\"\(algorithm.rawValue)\" signs nothing: leave \"signs\" out"
                    : "the scheme \"\(name)\" needs \"signs\": what is signed, such as \"{raw}\"")
        }
        let roots = (signs?.placeholders ?? []).map(\.path.root)
        for root in roots where !SignatureScheme.signedRoots.contains(root) {
            collector.add(
                reader.value("signs")?.position, "\"signs\" has no root \"\(root)\"",
                hint: "there are \(SignatureScheme.signedRoots.joined(separator: ", "))")
        }
        if roots.contains("timestamp"), timestamp == nil, reader.value("timestamp") == nil {
            collector.add(reader.node.position, "\"signs\" uses {timestamp}: say where it is with \"timestamp\"")
        }
        if timestamp != nil, !roots.contains("timestamp"), !signsTimestampOtherwise(roots) {
            collector.add(
                reader.value("timestamp")?.position, "\"timestamp\" is not part of \"signs\" and proves nothing")
        }
        if algorithm == .sha1 || algorithm == .sha256, !roots.contains("secret") {
            collector.add(reader.node.position, "a plain digest proves nothing unless \"signs\" has {secret}")
        }
        if case .pair = timestamp?.source, signature.pairs == nil {
            collector.add(reader.node.position, "a timestamp in a pair needs \"pairs\" in \"signature\"")
        }
    }

    /// A time that stands in the body is signed with the body.
    private func signsTimestampOtherwise(_ roots: [String]) -> Bool {
        guard case .body = timestamp?.source else { return false }
        return roots.contains("raw") || roots.contains("body") || roots.contains("form")
    }
}

extension SignedURL {
    fileprivate init(reader: MappingReader) {
        self.init(unescape: reader.string("unescape") ?? "")
        guard let names = reader.strings("variants") else { return }
        variants = names.compactMap { name in
            if let variant = Variant(rawValue: name) { return variant }
            let list = Variant.allCases.map(\.rawValue).joined(separator: ", ")
            reader.collector.add(
                reader.value("variants")?.position, "unknown variant \"\(name)\"", hint: "there are \(list)")
            return nil
        }
        if variants.isEmpty { variants = [.asSent] }
    }
}
