package import GrapnelCore

extension ConnectorTest {
    /// The keys of a connector's test.
    package static let schema: JSON = [
        "type": "object", "required": ["operation", "input"],
        "properties": [
            "operation": ["type": "string"], "input": [:], "credentials": ["type": "object"],
            "base_url": ["type": "string"], "now": ["type": "string"], "key": ["type": "string"],
            "look_up": ["type": "boolean"],
            "expect": [
                "type": "object",
                "properties": [
                    "method": ["type": "string"], "url": ["type": "string"], "headers": ["type": "object"],
                    "body": [:],
                ],
            ],
            "answer": [
                "type": "object",
                "properties": [
                    "status": ["type": "integer"], "headers": ["type": "object"], "json": [:],
                    "text": ["type": "string"],
                ],
            ],
            "output": [:], "error": ["type": "object"],
        ],
    ]

    /// Decodes a test of a connector.
    package static func decode(yaml text: String, name: String, file: String) throws(FormatErrors) -> ConnectorTest {
        let collector = FormatCollector(file: file)
        let root = try YAMLDocument.parse(text, file: file)
        var test = ConnectorTest(name: name, operation: "", input: [:])
        if let reader = MappingReader(root, schema: schema, what: "the test", collector: collector) {
            test.operation = reader.string("operation") ?? ""
            test.input = root["input"]?.json ?? [:]
            for pair in reader.pairs("credentials") { test.credentials[pair.key] = pair.value }
            test.baseURL = reader.string("base_url")
            test.now = reader.parsed("now", "a time such as 2026-01-05T09:00:00Z") { Timestamp(rfc3339: $0) }
            test.key = reader.string("key")
            test.isLookup = reader.bool("look_up") ?? false
            if let expect = reader.mapping("expect") {
                test.expectedMethod = expect.string("method")
                test.expectedURL = expect.string("url")
                if expect.value("headers") != nil {
                    test.expectedHeaders = Dictionary(
                        expect.pairs("headers").map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
                }
                test.expectedBody = expect.node["body"]?.json
            }
            test.answer = reader.mapping("answer").map { SampleResponse.read($0) }
            test.output = root["output"]?.json
            test.error = root["error"]?.json
        }
        try collector.check()
        return test
    }
}
