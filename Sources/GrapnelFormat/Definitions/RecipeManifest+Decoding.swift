package import GrapnelCore

extension RecipeManifest {
    /// The keys of recipe.yaml, as JSON Schema for editors and as the list that the decoder goes by.
    package static let schema: JSON = [
        "type": "object", "required": ["on"],
        "properties": [
            "summary": ["type": "string"], "on": ["type": ["object", "array"]], "handler": handlerSchema,
            "sandbox": ["type": "string", "enum": ["bubblewrap", "none"]],
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
            "limits": RecipeLimits.schema,
            "retries": ["type": "object", "properties": ["attempts": ["type": "integer"]]],
            "style": ["type": "string"], "isolation": ["type": "string"],
            "forward": ["type": ["object", "array"], "items": ForwardRule.schema],
            "order_by": ["type": "string"], "concurrency": RecipeFlow.concurrencySchema,
            "rate": RecipeFlow.rateSchema, "delay": ["type": "string"], "expire": ["type": "string"],
            "priority": ["type": "integer"], "debounce": RecipeFlow.debounceSchema, "batch": RecipeFlow.batchSchema,
            "on_failure": ForwardRule.schema,
        ],
    ]

    /// A file of the recipe's folder, or a program with arguments.
    private static let handlerSchema: JSON = {
        var schema = ProcessHandler.schema.object ?? JSONObject()
        schema["type"] = ["string", "object", "array"]
        return .object(schema)
    }()

    private static let triggerSchema: JSON = [
        "type": "object",
        "properties": [
            "source": ["type": "string"], "events": ["type": "array"], "where": ["type": "object"],
            "schedule": ["type": "string"], "timezone": ["type": "string"], "at": ["type": "string"],
            "catch_up": ["type": "string", "enum": ["latest", "none"]],
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
        for node in reader.elements("on") { readTrigger(node, reader.collector) }
        style = reader.word("style", RecipeStyle.self) ?? .grapnel
        if reader.value("forward") == nil { readHandler(reader) } else { readForwards(reader) }
        for entry in reader.entries("uses") {
            guard let operations = entry.value.json.array?.compactMap(\.string), !operations.isEmpty else {
                reader.collector.add(entry.value.position, "\"uses.\(entry.key)\" must be a list of operations")
                continue
            }
            uses[entry.key] = operations
        }
        for rule in forwards where uses[rule.connection]?.contains(rule.operation) != true {
            uses[rule.connection, default: []].append(rule.operation)
        }
        onFailure = reader.mapping("on_failure", roots: ForwardOccasion.failure.roots).flatMap { ForwardRule($0) }
        hosts = reader.strings("hosts") ?? []
        for pair in reader.pairs("variables") { variables[pair.key] = pair.value }
        if let block = reader.mapping("reply") { reply = RecipeManifest.reply(block) }
        if let block = reader.mapping("limits") { limits.read(block) }
        if let block = reader.mapping("retries"), let value = block.integer("attempts", in: 1...100) {
            attempts = value
        }
        if let value = reader.word("isolation", Isolation.self) { isolation = value }
        flow.read(reader)
    }

    /// What is done without code: one operation, or a list of them.
    private mutating func readForwards(_ reader: MappingReader) {
        let roots = ForwardOccasion(recipe: name).roots
        forwards = reader.elements("forward").compactMap {
            ForwardRule($0, what: "\"forward\"", roots: roots, reader.collector)
        }
        if reader.elements("forward").isEmpty {
            reader.collector.add(reader.value("forward")?.position, "\"forward\" names no operation")
        }
        for key in ["handler", "style", "sandbox", "hosts", "isolation"] where reader.value(key) != nil {
            reader.collector.add(
                reader.value(key)?.position, "\"\(key)\" is for a recipe with code, and this one has \"forward\"",
                hint: "remove one of the two")
        }
    }

    private mutating func readHandler(_ reader: MappingReader) {
        guard reader.value("handler") != nil else {
            return reader.collector.add(
                reader.node.position, "recipe.yaml needs the key \"handler\"", hint: "or \"forward\", without code")
        }
        switch reader.value("handler")?.content {
        case .mapping:
            process = ProcessHandler.read(reader)
            handler = process.flatMap { $0.program.hasPrefix("./") ? String($0.program.dropFirst(2)) : nil } ?? ""
        case .sequence: readRules(reader)
        default:
            handler =
                reader.parsed("handler", "a file of the recipe's folder: a .js or .ts file, or an executable") { text in
                    let file = text.hasPrefix("./") ? String(text.dropFirst(2)) : text
                    guard let program = ProcessHandler.executable(file) else { return nil }
                    if !RecipeManifest.isScript(file) { process = program }
                    return file
                } ?? ""
        }
        let sandbox = reader.word("sandbox", ProcessHandler.Sandbox.self)
        if process != nil {
            process?.sandbox = sandbox ?? .bubblewrap
            ProcessHandler.checkVariables(reader)
            if style != .grapnel {
                reader.collector.add(
                    reader.value("style")?.position, "\"style\" is for a handler that is a script", hint: "remove it")
            }
        } else if sandbox != nil {
            reader.collector.add(
                reader.value("sandbox")?.position, "\"sandbox\" is for a handler that is a program",
                hint: "a script is always in an isolate; remove the key")
        }
    }

    /// The files of a pipeline, `style: auth0-rule`.
    private mutating func readRules(_ reader: MappingReader) {
        let position = reader.value("handler")?.position
        let files = reader.strings("handler") ?? []
        for file in files where !RecipeManifest.isScript(file) || ProcessHandler.executable(file) == nil {
            reader.collector.add(position, "\"\(file)\" must be a .js or .ts file of the recipe's folder")
        }
        if files.count > 1, style != .auth0Rule {
            reader.collector.add(
                position, "\"handler\" is one file",
                hint: "only style: auth0-rule has a list, the rules in their order")
        }
        guard let first = files.first else { return reader.collector.add(position, "\"handler\" names no file") }
        handler = first
        furtherRules = Array(files.dropFirst())
    }

    private static func isScript(_ file: String) -> Bool {
        file.hasSuffix(".js") || file.hasSuffix(".ts")
    }

    private mutating func readTrigger(_ node: YAMLNode, _ collector: FormatCollector) {
        guard
            let reader = MappingReader(
                node, schema: RecipeManifest.triggerSchema, what: "\"on\"",
                roots: ["body", "headers", "query", "form", "event"], collector: collector)
        else { return }
        guard reader.value("schedule") != nil || reader.value("at") != nil else {
            if let trigger = RecipeManifest.trigger(reader) { triggers.append(trigger) }
            return
        }
        guard let schedule = Schedule.read(reader) else { return }
        if schedules.contains(where: { $0.key == schedule.key }) {
            collector.add(node.position, "\"\(schedule.expression)\" stands in \"on\" twice", hint: "remove one")
        }
        schedules.append(schedule)
    }

    private static func trigger(_ reader: MappingReader) -> EventTrigger? {
        let collector = reader.collector
        for key in ["timezone", "catch_up"] where reader.value(key) != nil {
            collector.add(
                reader.value(key)?.position, "\"\(key)\" belongs to a schedule",
                hint: "add the key \"schedule\", or remove this one")
        }
        guard let source = reader.string("source") else {
            collector.add(reader.node.position, "\"on\" needs the key \"source\", \"schedule\" or \"at\"")
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
