package import GrapnelCore

/// The providers that are a source's own doing: a shared key, no proof at all, and a keyed hash put together by options.
extension ProviderDefinition {
    /// The name of the provider whose sources put it together by `options`.
    package static let genericHMACName = "generic-hmac"

    /// `key`: the sender shows a shared key, by default in `X-API-Key`.
    ///
    /// Options: one of `header`, `query` and `path: true` (the last segment, `/hooks/<source>/<key>`), `prefix` such as
    /// `"Bearer "`, and `each`, `id`, `type` as in a provider's `event`.
    package static func key(options: JSON = [:]) throws(FormatErrors) -> ProviderDefinition {
        try make(id: "key", name: "Shared key", options: options, keys: ["header", "query", "path", "prefix"]) {
            options in
            var signature = options
            if ["header", "query", "path"].allSatisfy({ signature[$0] == nil }) {
                signature["header"] = "X-API-Key"
            }
            signature["encoding"] = "raw"
            return JSONObject([("scheme", "key"), ("signature", .object(signature)), ("algorithm", "equality")])
        }
    }

    /// `none`: nothing is proved; a source must say `insecure: true`. Options: `each`, `id`, `type`.
    package static func none(options: JSON = [:]) throws(FormatErrors) -> ProviderDefinition {
        try make(id: "none", name: "Unsigned", options: options, keys: []) { _ in nil }
    }

    /// `generic-hmac`: a keyed hash of what `signs` says, in a header.
    ///
    /// Options, all with defaults: `header` (`X-Signature`) or `query`, `prefix`, `separator`, `pairs`, `value`,
    /// `encoding` (hex), `algorithm` (hmac-sha256), `key`, `strip`, `signs` (`{raw}`), `timestamp`
    /// (`{ header, unit, tolerance }`), `url`, `body_digest`, and `each`, `id`, `type`.
    package static func genericHMAC(options: JSON = [:]) throws(FormatErrors) -> ProviderDefinition {
        let places = ["header", "query", "body", "prefix", "separator", "pairs", "value", "encoding"]
        let parts = ["algorithm", "key", "strip", "signs", "timestamp", "url", "body_digest"]
        return try make(id: genericHMACName, name: "Generic HMAC", options: options, keys: places + parts) { options in
            var signature = JSONObject(options.members.filter { places.contains($0.key) })
            if ["header", "query", "body"].allSatisfy({ signature[$0] == nil }) {
                signature["header"] = "X-Signature"
            }
            var scheme = JSONObject(options.members.filter { parts.contains($0.key) })
            scheme["scheme"] = "hmac"
            scheme["signature"] = .object(signature)
            if scheme["algorithm"] == nil { scheme["algorithm"] = "hmac-sha256" }
            if scheme["signs"] == nil { scheme["signs"] = "{raw}" }
            return scheme
        }
    }

    /// Options that are left over after `keys` are those of `event`.
    private static func make(
        id: String, name: String, options: JSON, keys: [String], scheme: (JSONObject) -> JSONObject?
    ) throws(FormatErrors) -> ProviderDefinition {
        let eventKeys = ["each", "id", "type"]
        let properties = (keys + eventKeys).map { ($0, [:] as JSON) }
        let schema: JSON = ["properties": .object(JSONObject(properties))]
        let collector = FormatCollector(file: "options")
        let node = YAMLNode(json: options)
        guard let reader = MappingReader(node, schema: schema, what: "the options", collector: collector) else {
            throw FormatErrors(collector.errors)
        }
        var provider = ProviderDefinition(id: id, name: name, verify: [], event: EventRule())
        let own = (options.object ?? JSONObject()).members.filter { keys.contains($0.key) }
        if let scheme = scheme(JSONObject(own)).flatMap({
            SignatureScheme.decode(YAMLNode(json: .object($0)), collector)
        }) {
            provider.verify = [scheme]
        }
        provider.event = EventRule(reader: reader)
        if provider.event.type == nil {
            provider.event.type =
                collector.attempt(at: nil) { () throws(ExpressionError) in
                    try Template(firstOf: ["{body.type}", "{body.event}"], absence: .dropsLastDot)
                } ?? nil
        }
        guard collector.errors.isEmpty else {
            // Options are values without places by now; the source that has them is named by the caller.
            throw FormatErrors(
                collector.errors.map {
                    FormatError(file: $0.file, position: nil, message: $0.message, hint: $0.hint)
                })
        }
        return provider
    }
}

extension YAMLNode {
    fileprivate init(json: JSON) {
        let nowhere = SourcePosition(line: 1, column: 1)
        switch json {
        case .object(let object):
            let entries = object.members.map {
                Entry(key: $0.key, position: nowhere, value: YAMLNode(json: $0.value))
            }
            self.init(content: .mapping(entries), position: nowhere)
        case .array(let elements):
            self.init(content: .sequence(elements.map { YAMLNode(json: $0) }), position: nowhere)
        default: self.init(content: .scalar(json), position: nowhere)
        }
    }
}
