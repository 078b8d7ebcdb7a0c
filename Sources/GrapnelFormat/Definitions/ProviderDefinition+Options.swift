package import GrapnelCore

extension ProviderDefinition {
    private static let genericSchema: JSON = [
        "type": "object", "required": ["header"],
        "properties": [
            "header": ["type": "string"], "algorithm": ["type": "string"], "encoding": ["type": "string"],
            "prefix": ["type": "string"], "separator": ["type": "string"], "signs": ["type": "string"],
            "key": ["type": "string"], "strip": ["type": "string"], "timestamp_header": ["type": "string"],
            "timestamp_unit": ["type": "string"], "tolerance": ["type": "string"], "id": ["type": "string"],
            "type": ["type": "string"],
        ],
    ]

    private static let keySchema: JSON = [
        "type": "object",
        "properties": [
            "header": ["type": "string"], "prefix": ["type": "string"], "query": ["type": "string"],
            "path": ["type": "boolean"], "id": ["type": "string"], "type": ["type": "string"],
        ],
    ]

    /// The provider of a source of kind `generic-hmac`, made from its options.
    ///
    /// - Parameter place: The file and the name of the source, for errors.
    package static func genericHMAC(options: JSON, place: String) throws(FormatErrors) -> ProviderDefinition {
        let collector = FormatCollector(file: place)
        let node = YAMLNode(options)
        guard
            let reader = MappingReader(node, schema: genericSchema, what: "\"options\"", collector: collector)
        else { throw FormatErrors(collector.errors) }
        let algorithm = reader.parsed("algorithm", "hmac-sha1, hmac-sha256 or hmac-sha512") { text in
            SignatureAlgorithm(rawValue: text).flatMap { $0.hash != nil && $0.rawValue.hasPrefix("hmac") ? $0 : nil }
        }
        var scheme = SignatureScheme(
            name: (algorithm ?? .hmacSHA256).rawValue,
            signature: SignatureLocation(
                source: .header(reader.string("header") ?? ""), prefix: reader.string("prefix") ?? "",
                separator: reader.string("separator"),
                encoding: reader.word("encoding", SignatureLocation.Encoding.self) ?? .hex),
            algorithm: algorithm ?? .hmacSHA256,
            key: SignatureKey(
                encoding: reader.word("key", SignatureKey.Encoding.self) ?? .utf8, strip: reader.string("strip") ?? ""),
            signs: reader.template("signs") ?? (try? Template("{raw}")))
        if let header = reader.string("timestamp_header") {
            scheme.timestamp = SignatureTimestamp(
                source: .header(header), unit: reader.word("timestamp_unit", SignatureTimestamp.Unit.self) ?? .seconds,
                tolerance: reader.duration("tolerance") ?? SignatureTimestamp.defaultTolerance)
        }
        let event = EventRule(id: reader.template("id"), type: reader.template("type"))
        try collector.check()
        return ProviderDefinition(id: "generic-hmac", name: "Generic HMAC", verify: [scheme], event: event)
    }

    /// The provider of a source of kind `key`: a shared key in a header (default `Authorization: Bearer …`), in a query
    /// parameter, or as the last segment of the path.
    ///
    /// - Parameter place: The file and the name of the source, for errors.
    package static func sharedKey(options: JSON, place: String) throws(FormatErrors) -> ProviderDefinition {
        let collector = FormatCollector(file: place)
        let node = YAMLNode(options)
        guard let reader = MappingReader(node, schema: keySchema, what: "\"options\"", collector: collector) else {
            throw FormatErrors(collector.errors)
        }
        var location = SignatureLocation(source: .header("Authorization"), prefix: "Bearer ", encoding: .raw)
        if let header = reader.string("header") {
            location.source = .header(header)
            location.prefix = reader.string("prefix") ?? ""
        } else if let query = reader.string("query") {
            location = SignatureLocation(source: .query(query), encoding: .raw)
        } else if reader.bool("path") == true {
            location = SignatureLocation(source: .path, encoding: .raw)
        }
        let event = EventRule(id: reader.template("id"), type: reader.template("type"))
        try collector.check()
        return ProviderDefinition(
            id: "key", name: "Shared key",
            verify: [SignatureScheme(name: "key", signature: location, algorithm: .equality, signs: nil)],
            event: event)
    }

    /// The provider of a source of kind `none`, which takes unsigned requests.
    ///
    /// - Parameter place: The file and the name of the source, for errors.
    package static func unsigned(options: JSON, place: String) throws(FormatErrors) -> ProviderDefinition {
        let provider = try sharedKey(options: options, place: place)
        return ProviderDefinition(id: "none", name: "Unsigned", verify: [], event: provider.event)
    }
}
