package import GrapnelCore

extension HubConfiguration {
    /// The keys of grapnel.yaml, as JSON Schema for editors and as the list that the decoder goes by.
    package static let schema: JSON = [
        "type": "object",
        "properties": [
            "listen": ["type": "string"], "admin": ["type": "string"], "public_url": ["type": "string"],
            "trusted_proxies": ["type": "array"], "sources": ["type": "object"], "connections": ["type": "object"],
            "alerts": ["type": ["array", "object"], "items": AlertRule.schema],
            "egress": ["type": "object", "properties": ["allow_private": ["type": "array"]]],
            "limits": [
                "type": "object",
                "properties": [
                    "isolates": ["type": "integer"], "memory": ["type": "string"], "jit": ["type": "boolean"],
                    "depth": ["type": "integer"], "log": ["type": "string"],
                    "run": RecipeLimits.schema,
                ],
            ],
            "retention": [
                "type": "object",
                "properties": [
                    "events": ["type": "string"], "bytes": ["type": "string"], "dead_letters": ["type": "string"],
                ],
            ],
            "process_handlers": ["type": "boolean"], "database": ["type": "string"],
            "database_checkpoints": ["enum": ["own", "external"]],
        ],
    ]

    private static let sourceSchema: JSON = [
        "type": "object", "required": ["provider"],
        "properties": [
            "provider": ["type": "string"], "secrets": ["type": "array"], "public_url": ["type": "string"],
            "max_body": ["type": "string"], "dedupe": ["type": "string"], "schemes": ["type": "array"],
            "insecure": ["type": "boolean"], "options": ["type": "object"], "quiet": ["type": "string"],
            "retention": [
                "type": ["string", "object"],
                "properties": ["events": ["type": "string"], "bytes": ["type": "string"]],
            ],
        ],
    ]

    private static let connectionSchema: JSON = [
        "type": "object", "required": ["connector"],
        "properties": [
            "connector": ["type": "string"], "credentials": ["type": "object"], "base_url": ["type": "string"],
            "rate": ConnectionConfiguration.rateSchema, "concurrency": ConnectionConfiguration.concurrencySchema,
            "order_by": ["type": "string"], "expire": ["type": "string"], "timeout": ["type": "string"],
            "hosts": ["type": "array"], "retry_on": ["type": "array"], "breaker": ["type": "boolean"],
        ],
    ]

    /// Decodes grapnel.yaml.
    ///
    /// - Parameter file: Its name, for errors.
    package static func decode(yaml text: String, file: String) throws(FormatErrors) -> HubConfiguration {
        try decode(try YAMLDocument.parse(text, file: file), file: file)
    }

    /// Decodes grapnel.yaml that has been parsed.
    ///
    /// - Parameter file: Its name, for errors.
    package static func decode(_ root: YAMLNode, file: String) throws(FormatErrors) -> HubConfiguration {
        let collector = FormatCollector(file: file)
        var hub = HubConfiguration()
        if let reader = MappingReader(root, schema: schema, what: "grapnel.yaml", collector: collector) {
            hub.read(reader)
        }
        try collector.check()
        return hub
    }

    private mutating func read(_ reader: MappingReader) {
        let address = "a host and a port, such as 127.0.0.1:8080"
        if let value = reader.parsed("listen", address, { ListenAddress($0) }) { listen = value }
        if let value = reader.parsed("admin", address, { ListenAddress($0) }) { admin = value }
        publicURL = HubConfiguration.publicURL(reader)
        for text in reader.strings("trusted_proxies") ?? [] {
            guard let range = NetworkRange(text) else {
                reader.collector.add(
                    reader.value("trusted_proxies")?.position,
                    "\"\(text)\" is not an address or a range such as 10.0.0.0/8")
                continue
            }
            trustedProxies.append(range)
        }
        sources = reader.entries("sources").compactMap { HubConfiguration.source($0, reader.collector) }
        connections = reader.entries("connections").compactMap { HubConfiguration.connection($0, reader.collector) }
        alerts = reader.elements("alerts").compactMap { AlertRule($0, reader.collector) }
        if let egress = reader.mapping("egress") { allowPrivate = egress.strings("allow_private") ?? [] }
        if let limits = reader.mapping("limits") {
            if let value = limits.integer("isolates", in: 1...4096) { isolates = value }
            if let value = limits.size("memory", atLeast: .mebibytes(128)) { isolateMemory = value }
            if let value = limits.bool("jit") { allowsJIT = value }
            if let value = limits.integer("depth", in: 1...64) { depth = value }
            if let value = limits.size("log", atLeast: .kibibytes(64)) { logSize = value }
            if let run = limits.mapping("run") { recipeCaps.read(run) }
        }
        if let retention = reader.mapping("retention") {
            if let value = retention.duration("events", atLeast: .seconds(3600)) { retainEvents = value }
            if let value = retention.size("bytes", atLeast: .mebibytes(16)) { retainBytes = value }
            if let value = retention.duration("dead_letters", atLeast: .seconds(3600)) { retainDeadLetters = value }
        }
        if let value = reader.bool("process_handlers") { processHandlers = value }
        let owner = reader.parsed("database_checkpoints", "own or external") { text in
            ["own": false, "external": true][text]
        }
        if let owner { externalCheckpoints = owner }
        database = reader.string("database")
        if let database, database.contains("://") {
            reader.collector.add(
                reader.value("database")?.position, "only SQLite files are supported by this version",
                hint: "name a file, or remove the key for <state>/grapnel.db")
        }
    }

    /// A name that can stand in a URL and in an identifier of a handler.
    private static func checkName(_ entry: YAMLNode.Entry, _ what: String, _ collector: FormatCollector) {
        let isFine = entry.key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        if !isFine || entry.key.isEmpty || entry.key.utf8.count > 64 {
            collector.add(
                entry.position, "the name of a \(what) has letters, digits, - and _ only, at most 64: \"\(entry.key)\"")
        }
    }

    private static func publicURL(_ reader: MappingReader) -> String? {
        reader.parsed("public_url", "a URL such as https://hub.example.com", webURL)
    }

    /// The `http` or `https` URL that `text` is, without a trailing slash.
    package static func webURL(_ text: String) -> String? {
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else { return nil }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private static func source(_ entry: YAMLNode.Entry, _ collector: FormatCollector) -> SourceConfiguration? {
        checkName(entry, "source", collector)
        if entry.key == Event.hubSource {
            collector.add(entry.position, "the source \"\(entry.key)\" is the hub's own", hint: "choose another name")
        }
        let what = "the source \"\(entry.key)\""
        guard let reader = MappingReader(entry.value, schema: sourceSchema, what: what, collector: collector) else {
            return nil
        }
        var source = SourceConfiguration(name: entry.key, provider: reader.string("provider") ?? "")
        source.secrets = reader.strings("secrets") ?? []
        source.publicURL = publicURL(reader)
        if let value = reader.size("max_body", atMost: SourceConfiguration.greatestMaxBody) { source.maxBody = value }
        if let value = reader.duration("dedupe", atLeast: .seconds(60)) { source.dedupe = value }
        source.quiet = reader.duration("quiet", atLeast: .seconds(60))
        source.schemes = reader.strings("schemes") ?? []
        source.insecure = reader.bool("insecure") ?? false
        readRetention(reader, &source)
        source.options = reader.value("options")?.json ?? [:]
        if source.provider == "none", !source.insecure {
            collector.add(
                entry.position, "\(what) takes unsigned requests, which must be said aloud",
                hint: "add insecure: true, or choose a provider that signs")
        }
        if source.secrets.isEmpty, !source.insecure, source.provider != "none" {
            collector.add(
                entry.position, "\(what) has no secrets to verify by",
                hint: "add secrets: [NAME], then: grapnel secret set NAME")
        }
        return source
    }

    /// `retention: 7d`, or a mapping of `events` and `bytes`.
    private static func readRetention(_ reader: MappingReader, _ source: inout SourceConfiguration) {
        guard let value = reader.value("retention") else { return }
        let least = Duration.seconds(3600)
        guard case .mapping = value.content else {
            source.retainEvents = reader.duration("retention", atLeast: least)
            return
        }
        guard let retention = reader.mapping("retention") else { return }
        source.retainEvents = retention.duration("events", atLeast: least)
        source.retainBytes = retention.size("bytes", atLeast: .mebibytes(1))
    }

    private static func connection(
        _ entry: YAMLNode.Entry, _ collector: FormatCollector
    ) -> ConnectionConfiguration? {
        checkName(entry, "connection", collector)
        let what = "the connection \"\(entry.key)\""
        let reader = MappingReader(
            entry.value, schema: connectionSchema, what: what, elsewhere: ConnectionConfiguration.keysOfRecipes,
            collector: collector)
        guard let reader else { return nil }
        var connection = ConnectionConfiguration(name: entry.key, connector: reader.string("connector") ?? "")
        for pair in reader.pairs("credentials") { connection.credentials[pair.key] = pair.value }
        connection.baseURL = reader.parsed("base_url", "a URL such as https://api.example.com", webURL)
        connection.readFlow(reader)
        if let value = reader.duration("timeout", atMost: .seconds(300)) { connection.timeout = value }
        connection.hosts = reader.strings("hosts") ?? []
        if let value = reader.bool("breaker") { connection.breaker = value }
        for text in reader.strings("retry_on") ?? [] {
            guard let rule = RetryRule.Entry(text) else {
                reader.collector.add(
                    reader.value("retry_on")?.position, "\"\(text)\" is no status of a failure that can be tried again",
                    hint:
                        "write 429, 500-599, or \"!501\" for one that is not; from 300 to 599, the last that fits wins")
                continue
            }
            connection.retryOn.entries.append(rule)
        }
        return connection
    }
}
