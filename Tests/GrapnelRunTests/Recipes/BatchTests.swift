import GrapnelCore
import GrapnelRun
import Testing

/// What a handler finds in `event.batch`.
@Suite struct BatchTests {
    private static let keys = "handler: handler.js\nbatch: { size: 10, within: 1s }"

    private static let events: [Event] = {
        var text = Sample.event(type: "note", body: "plain ✓", number: 2)
        text.bodyKind = .text
        var element = Sample.event(type: "contact.creation", body: #"[{"id":1},{"id":2}]"#, number: 3)
        element.bodyKind = .value
        element.value = Array(#"{"id":2}"#.utf8)
        return [Sample.event(body: #"{"number":1}"#), text, element]
    }()

    @Test func `a handler is given all events of a batch, each whole`() async throws {
        let bench = try RecipeBench(
            Self.keys,
            files: [
                "handler.js": """
                export default (event) => ({
                  first: [event.id === event.batch[0].id, event.body, new TextDecoder().decode(event.raw)],
                  batch: event.batch.map((one) => [one.type, one.body, new TextDecoder().decode(one.raw), one.headers['content-type']]),
                  frozen: Object.isFrozen(event) && Object.isFrozen(event.batch) && event.batch.every(Object.isFrozen),
                })
                """
            ])
        let result = try await bench.run(Self.events[0], batch: Self.events)
        #expect(
            result
                == .returned([
                    "first": [true, ["number": 1], #"{"number":1}"#],
                    "batch": [
                        ["issues.opened", ["number": 1], #"{"number":1}"#, "application/json"],
                        ["note", "plain ✓", "plain ✓", "application/json"],
                        ["contact.creation", ["id": 2], #"[{"id":1},{"id":2}]"#, "application/json"],
                    ], "frozen": true,
                ]))
    }

    @Test func `an event of its own has no batch`() async throws {
        let bench = try RecipeBench(
            "handler: handler.js", files: ["handler.js": "export default (event) => 'batch' in event"])
        #expect(try await bench.value() == false)
    }

    @Test func `a batch that is larger than the recipe takes is not begun`() async throws {
        let bench = try RecipeBench(
            "\(Self.keys)\nlimits: { event: 1KiB }", files: ["handler.js": "export default () => 1"])
        let large = (1...3).map { Sample.event(body: "\"\(String(repeating: "x", count: 500))\"", number: $0) }
        guard case .failed(let failure) = try await bench.run(large[0], batch: large) else {
            Issue.record("it ran")
            return
        }
        #expect(failure.kind == .limit)
    }

    @Test func `a program reads a batch as it reads an event`() async throws {
        try await ProcessBench.with { bench async throws in
            let outcome = try await bench.run(
                "return [[one['type'], one.get('body'), one['raw']] for one in event['batch']]", event: Self.events[0],
                batch: Self.events)
            #expect(
                outcome.result
                    == .returned([
                        ["issues.opened", ["number": 1], "eyJudW1iZXIiOjF9"], ["note", "plain ✓", "cGxhaW4g4pyT"],
                        ["contact.creation", ["id": 2], "W3siaWQiOjF9LHsiaWQiOjJ9XQ=="],
                    ]))
        }
    }
}
