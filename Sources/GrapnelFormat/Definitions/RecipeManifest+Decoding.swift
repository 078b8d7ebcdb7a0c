package import GrapnelCore

extension RecipeManifest {
    /// The keys of recipe.yaml, as JSON Schema for editors and as the list that the decoder goes by.
    package static let schema: JSON = [
        "type": "object", "required": ["on", "handler"],
        "properties": [
            "summary": ["type": "string"], "on": ["type": ["object", "array"]],
            "handler": ["type": ["string", "array"]],
            "uses": ["type": "object"], "hosts": ["type": "array"], "variables": ["type": "object"],
            "reply": [
                "type": "object", "required": ["within"],
                "properties": [
                    "within": ["type": "string"],
                    "otherwise": [
                        "type": "object",
                        "properties": [
                            "status": ["type": "integer"], "type": ["type": "string"], "body": ["type": "string"],
                        ],
                    ],
                ],
            ],
            "limits": [
                "type": "object",
                "properties": [
                    "cpu": ["type": "string"], "wall": ["type": "string"], "memory": ["type": "string"],
                    "calls": ["type": "integer"], "outputs": ["type": "integer"], "log": ["type": "string"],
                ],
            ],
            "retries": ["type": "object", "properties": ["attempts": ["type": "integer"]]],
            "style": ["type": "string"], "isolation": ["type": "string"], "forward": ["type": "object"],
            "order_by": ["type": "string"], "concurrency": ["type": "integer"], "on_failure": ["type": "object"],
        ],
    ]

    private static let triggerSchema: JSON = [
        "type": "object",
        "properties": [
            "source": ["type": "string"], "events": ["type": "array"], "where": ["type": "object"],
            "schedule": ["type": "string"], "timezone": ["type": "string"],
        ],
    ]

    /// Decodes recipe.yaml.
    ///
    /// - Parameters:
    ///   - name: The name of the recipe's folder.
    ///   - file: The name of the file, for errors.
    package static func decode(yaml text: String, name: String, file: String) throws(FormatErrors) -> RecipeManifest {
        let collector = FormatCollector(file: file)
        let root = try YAMLDocument.parse(text, file: file)
        var manifest = RecipeManifest(name: name, summary: "", triggers: [], handler: "")
        if let reader = MappingReader(root, schema: schema, what: "recipe.yaml", collector: collector) {
            manifest.read(reader)
        }
        try collector.check()
        return manifest
    }

    private mutating func read(_ reader: MappingReader) {
        summary = reader.string("summary") ?? ""
        triggers = reader.elements("on").compactMap { RecipeManifest.trigger($0, reader.collector) }
        style = reader.word("style", RecipeStyle.self) ?? .grapnel
        readHandler(reader)
        for entry in reader.entries("uses") {
            guard let operations = entry.value.json.array?.compactMap(\.string), !operations.isEmpty else {
                reader.collector.add(entry.value.position, "\"uses.\(entry.key)\" must be a list of operations")
                continue
            }
            uses[entry.key] = operations
        }
        hosts = reader.strings("hosts") ?? []
        for pair in reader.pairs("variables") { variables[pair.key] = pair.value }
        if let block = reader.mapping("reply") { reply = RecipeManifest.reply(block) }
        if let block = reader.mapping("limits") { limits.read(block) }
        if let block = reader.mapping("retries"), let value = block.integer("attempts", in: 1...100) {
            attempts = value
        }
        refuseLaterKeys(reader)
    }

    /// One file, or with `style: auth0-rule` the files of a pipeline.
    private mutating func readHandler(_ reader: MappingReader) {
        let files = reader.strings("handler") ?? []
        for file in files where !RecipeManifest.isHandlerFile(file) {
            reader.collector.add(
                reader.value("handler")?.position, "\"\(file)\" must be a .js or .ts file of the recipe's folder")
        }
        if files.count > 1, style != .auth0Rule {
            reader.collector.add(
                reader.value("handler")?.position, "\"handler\" is one file",
                hint: "only style: auth0-rule has a list, the rules in their order")
        }
        guard let first = files.first else {
            if let value = reader.value("handler") { reader.collector.add(value.position, "\"handler\" names no file") }
            return
        }
        handler = first
        furtherRules = Array(files.dropFirst())
    }

    private static func isHandlerFile(_ name: String) -> Bool {
        !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
            && (name.hasSuffix(".js") || name.hasSuffix(".ts"))
    }

    /// What the format knows and this version cannot honour is refused by name, never silently passed over.
    private func refuseLaterKeys(_ reader: MappingReader) {
        for key in ["forward", "order_by", "concurrency", "on_failure"] where reader.value(key) != nil {
            reader.collector.add(
                reader.value(key)?.position, "\"\(key)\" is not supported by this version", hint: "remove it")
        }
        for (key, supported) in [("isolation", "warm")] {
            guard let word = reader.string(key), word != supported else { continue }
            reader.collector.add(
                reader.value(key)?.position, "\"\(key): \(word)\" is not supported by this version",
                hint: "write \(supported), or remove the key")
        }
    }

    private static func trigger(_ node: YAMLNode, _ collector: FormatCollector) -> EventTrigger? {
        guard
            let reader = MappingReader(
                node, schema: triggerSchema, what: "\"on\"", roots: ["body", "headers", "query", "form", "event"],
                collector: collector)
        else { return nil }
        if let schedule = reader.value("schedule") {
            collector.add(schedule.position, "schedules are not supported by this version", hint: "name a source")
            return nil
        }
        guard let source = reader.string("source") else {
            collector.add(node.position, "\"on\" needs the key \"source\"")
            return nil
        }
        var events: [EventPattern] = []
        for text in reader.strings("events") ?? [] {
            guard let pattern = EventPattern(text) else {
                collector.add(
                    reader.value("events")?.position,
                    "\"\(text)\" is not an event type, nor one with * in place of a whole part")
                continue
            }
            events.append(pattern)
        }
        return EventTrigger(source: source, events: events, condition: reader.predicate("where"))
    }

    private static func reply(_ reader: MappingReader) -> ReplyPolicy {
        var otherwise = HTTPReply(status: 200)
        if let block = reader.mapping("otherwise") {
            if let status = block.integer("status", in: 200...599) { otherwise.status = status }
            if let body = block.string("body") { otherwise.body = Array(body.utf8) }
            let type = block.string("type") ?? (otherwise.body.isEmpty ? nil : "text/plain; charset=utf-8")
            if let type { otherwise.headers.set("content-type", type) }
        }
        return ReplyPolicy(
            within: reader.duration("within", atMost: .seconds(60)) ?? .seconds(10), otherwise: otherwise)
    }
}

extension RecipeLimits {
    fileprivate mutating func read(_ reader: MappingReader) {
        if let value = reader.duration("cpu", atMost: .seconds(60)) { cpu = value }
        if let value = reader.duration("wall", atMost: .seconds(900)) { wall = value }
        if let value = reader.size("memory", atMost: .gibibytes(1)) { memory = value }
        if let value = reader.integer("calls", in: 0...1000) { calls = value }
        if let value = reader.integer("outputs", in: 0...1000) { outputs = value }
        if let value = reader.size("log", atMost: .mebibytes(4)) { log = value }
    }
}
