package import GrapnelCore

extension RecipeTest {
    /// The keys of a recipe's test.
    package static let schema: JSON = [
        "type": "object", "required": ["event", "expect"],
        "properties": [
            "event": [
                "type": "object",
                "properties": [
                    "sample": ["type": "string"], "set": ["type": "object"], "source": ["type": "string"],
                    "type": ["type": "string"], "headers": ["type": "object"], "body": [:],
                ],
            ],
            "now": ["type": "string"], "kv": ["type": "object"], "calls": ["type": "object"],
            "expect": [
                "type": "object",
                "properties": [
                    "state": ["type": "string"], "reason": ["type": "string"], "effects": ["type": "array"],
                    "emits": ["type": "array"],
                    "reply": ["type": "object"], "log": ["type": "array"], "kv": ["type": "object"],
                ],
            ],
        ],
    ]

    private static let effectSchema: JSON = [
        "type": "object",
        "properties": ["send": ["type": "string"], "call": ["type": "string"], "input": [:]],
    ]

    private static let eventSchema: JSON = [
        "type": "object", "required": ["type"], "properties": ["type": ["type": "string"], "data": [:]],
    ]

    /// Decodes a test of a recipe.
    package static func decode(yaml text: String, name: String, file: String) throws(FormatErrors) -> RecipeTest {
        let collector = FormatCollector(file: file)
        let root = try YAMLDocument.parse(text, file: file)
        var test = RecipeTest(name: name)
        if let reader = MappingReader(root, schema: schema, what: "the test", collector: collector) {
            test.read(reader)
        }
        try collector.check()
        return test
    }

    private mutating func read(_ reader: MappingReader) {
        if let event = reader.mapping("event") {
            sample = event.string("sample")
            set = event.entries("set").map { ($0.key, $0.value.json) }
            source = event.string("source")
            type = event.string("type")
            for pair in event.pairs("headers") { headers[pair.key] = pair.value }
            body = event.node["body"]?.json
            if sample == nil, type == nil {
                reader.collector.add(event.node.position, "\"event\" needs \"sample\", or \"type\" and \"body\"")
            }
        }
        now = reader.parsed("now", "a time such as 2026-01-05T09:00:00Z") { Timestamp(rfc3339: $0) }
        for entry in reader.entries("kv") { keyValues[entry.key] = entry.value.json }
        for entry in reader.entries("calls") { calls[entry.key] = entry.value.json }
        guard let expect = reader.mapping("expect") else { return }
        if let state = expect.word("state", WorkState.self) { expectedState = state }
        expectedDeadReason = expect.word("reason", DeadReason.self)
        if expect.value("effects") != nil {
            expectedEffects = expect.elements("effects").compactMap { RecipeTest.effect($0, reader.collector) }
        }
        if expect.value("emits") != nil {
            expectedEvents = expect.elements("emits").compactMap { RecipeTest.event($0, reader.collector) }
        }
        expectedReply = expect.value("reply")?.json
        expectedLog = expect.value("log") == nil ? nil : expect.elements("log").map(\.json)
        if expect.value("kv") != nil {
            expectedKeyValues = Dictionary(
                expect.entries("kv").map { ($0.key, $0.value.json) }, uniquingKeysWith: { _, last in last })
        }
    }

    private static func event(_ node: YAMLNode, _ collector: FormatCollector) -> ExpectedEvent? {
        MappingReader(node, schema: eventSchema, what: "an emitted event", collector: collector)?.string("type")
            .map { ExpectedEvent(type: $0, data: node["data"]?.json) }
    }

    private static func effect(_ node: YAMLNode, _ collector: FormatCollector) -> ExpectedEffect? {
        guard let reader = MappingReader(node, schema: effectSchema, what: "an effect", collector: collector) else {
            return nil
        }
        let input = node["input"]?.json
        if let operation = reader.string("send") { return .init(kind: .output, operation: operation, input: input) }
        if let operation = reader.string("call") { return .init(kind: .call, operation: operation, input: input) }
        collector.add(node.position, "an effect needs \"send\" or \"call\": connection.operation")
        return nil
    }
}
