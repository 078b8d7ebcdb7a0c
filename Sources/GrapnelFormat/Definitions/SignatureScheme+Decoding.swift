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
            "timestamp": [
                "type": "object",
                "properties": [
                    "header": ["type": "string"], "pair": ["type": "string"], "body": ["type": "string"],
                    "unit": ["type": "string"], "tolerance": ["type": "string"],
                ],
            ],
            "algorithm": ["type": "string"], "key": ["type": "string"], "strip": ["type": "string"],
            "signs": ["type": "string"],
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

    /// Reads an entry of `verify:`.
    static func read(_ node: YAMLNode, _ collector: FormatCollector) -> SignatureScheme? {
        guard let reader = MappingReader(node, schema: schema, what: "\"verify\"", collector: collector),
            let name = reader.string("scheme"),
            let location = reader.mapping("signature").flatMap({ SignatureLocation.read($0) }),
            let algorithmName = reader.string("algorithm")
        else { return nil }
        guard let algorithm = SignatureAlgorithm(rawValue: algorithmName) else {
            collector.add(reader.value("algorithm")?.position, SignatureAlgorithm.refusal(of: algorithmName))
            return nil
        }
        let signs = reader.template("signs")
        if signs == nil, !algorithm.sendsSecret {
            collector.add(node.position, "the scheme \"\(name)\" needs \"signs\": what is signed, such as \"{raw}\"")
        }
        return SignatureScheme(
            name: name, when: reader.predicate("when"), isWeaker: reader.bool("weaker") ?? false,
            signature: location, timestamp: reader.mapping("timestamp").flatMap { SignatureTimestamp.read($0) },
            algorithm: algorithm,
            key: SignatureKey(
                encoding: reader.word("key", SignatureKey.Encoding.self) ?? .utf8, strip: reader.string("strip") ?? ""),
            signs: signs, url: reader.mapping("url").map { SignedURL.read($0) } ?? SignedURL(),
            bodyDigest: reader.mapping("body_digest").flatMap { BodyDigest.read($0) })
    }
}

extension SignatureLocation {
    fileprivate static func read(_ reader: MappingReader) -> SignatureLocation? {
        var source: Source?
        if let header = reader.string("header") { source = .header(header) }
        if let query = reader.string("query") { source = .query(query) }
        if let body = reader.string("body") {
            source = reader.collector.attempt(at: reader.value("body")?.position) {
                () throws(ExpressionError) in .body(try PathExpression(body))
            }
        }
        if reader.bool("path") == true { source = .path }
        if reader.bool("basic") == true { source = .basic }
        guard let source else {
            reader.collector.add(reader.node.position, "\"signature\" needs one of header, query, body, path, basic")
            return nil
        }
        return SignatureLocation(
            source: source, prefix: reader.string("prefix") ?? "", separator: reader.string("separator"),
            pairs: reader.string("pairs"), value: reader.string("value"),
            encoding: reader.word("encoding", Encoding.self) ?? .hex)
    }
}

extension SignatureTimestamp {
    fileprivate static func read(_ reader: MappingReader) -> SignatureTimestamp? {
        var source: Source?
        if let header = reader.string("header") { source = .header(header) }
        if let pair = reader.string("pair") { source = .pair(pair) }
        if let body = reader.string("body") {
            source = reader.collector.attempt(at: reader.value("body")?.position) {
                () throws(ExpressionError) in .body(try PathExpression(body))
            }
        }
        guard let source else {
            reader.collector.add(reader.node.position, "\"timestamp\" needs one of header, pair, body")
            return nil
        }
        return SignatureTimestamp(
            source: source, unit: reader.word("unit", Unit.self) ?? .seconds,
            tolerance: reader.duration("tolerance", atMost: .seconds(86_400)) ?? defaultTolerance)
    }
}

extension SignedURL {
    fileprivate static func read(_ reader: MappingReader) -> SignedURL {
        var url = SignedURL(unescape: reader.string("unescape") ?? "")
        if let words = reader.strings("variants") {
            url.variants = words.compactMap { word in
                if let variant = Variant(rawValue: word) { return variant }
                reader.collector.add(
                    reader.value("variants")?.position,
                    "\"\(word)\" is no way to write a URL",
                    hint: "known are: \(Variant.allCases.map(\.rawValue).joined(separator: ", "))")
                return nil
            }
        }
        return url
    }
}

extension BodyDigest {
    fileprivate static func read(_ reader: MappingReader) -> BodyDigest? {
        let algorithms: [String: HashAlgorithm] = ["sha1": .sha1, "sha256": .sha256, "sha512": .sha512]
        var source: Source?
        if let header = reader.string("header") { source = .header(header) }
        if let query = reader.string("query") { source = .query(query) }
        guard let source else {
            reader.collector.add(reader.node.position, "\"body_digest\" needs header or query")
            return nil
        }
        return BodyDigest(
            source: source,
            algorithm: reader.parsed("algorithm", "sha1, sha256 or sha512") { algorithms[$0] } ?? .sha256,
            encoding: reader.word("encoding", SignatureLocation.Encoding.self) ?? .hex)
    }
}
