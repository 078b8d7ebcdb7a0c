import GrapnelCore
import GrapnelFormat
import Testing

@Suite struct PathExpressionTests {
    static let body: JSON = [
        "issue": ["title": "Down!", "labels": [["name": "bug"], ["name": "urgent"]], "assignee": nil],
        "a.b": ["0": "zero"], "01": "padded", "matrix": [[1, 2], [3]], "empty": [],
    ]

    static let scope = DictionaryScope([
        "body": .json(body),
        "headers": .headers(
            HeaderFields([("X-GitHub-Event", "issues"), ("Accept", "a"), ("accept", "b")])),
        "raw": .bytes(Array("exact".utf8)),
    ])

    @Test(arguments: [
        ("body.issue.title", "Down!" as JSON), ("body.issue.labels.1.name", "urgent"),
        ("body.issue.labels[0].name", "bug"), ("body[\"a.b\"].0", "zero"), ("body['a.b']['0']", "zero"),
        ("body.01", "padded"), ("body.issue.assignee", nil), ("headers.x-github-event", "issues"),
        ("headers.ACCEPT", "a"), ("headers.accept.1", "b"), ("raw", "exact"), ("body.matrix.1.0", 3),
    ])
    func `a path leads to its value`(path: String, expected: JSON) throws {
        #expect(try PathExpression(path).values(in: Self.scope) == .one(expected))
    }

    @Test(arguments: [
        "body.issue.nothing", "body.issue.title.deeper", "body.issue.labels.2", "other.root", "headers.X-Missing",
        "raw.0", "body.issue.assignee.login", "body.issue.title.*", "headers.accept.2",
    ])
    func `a path that leads nowhere is absent`(path: String) throws {
        let values = try PathExpression(path).values(in: Self.scope)
        #expect(values == .none)
        #expect(values.isEmpty && values.first == nil)
    }

    @Test func `a star leads to every element, and to none of an empty list`() throws {
        #expect(
            try PathExpression("body.issue.labels.*.name").values(in: Self.scope) == .many(["bug", "urgent"]))
        #expect(try PathExpression("body.matrix.*.*").values(in: Self.scope) == .many([1, 2, 3]))
        #expect(try PathExpression("body.matrix.*.1").values(in: Self.scope) == .many([2]))
        #expect(try PathExpression("headers.accept.*").values(in: Self.scope) == .many(["a", "b"]))
        #expect(try PathExpression("body.empty.*").values(in: Self.scope) == .many([]))
        #expect(try PathExpression("body.issue.labels.*.name").first(in: Self.scope) == "bug")
    }

    @Test(arguments: [
        ("", 0), (".body", 0), ("body.", 5), ("body..a", 5), ("body.a b", 6), ("body[", 5), ("body['a]", 5),
        ("body.a]", 6), ("body.*x", 6), ("body.{a}", 5),
    ])
    func `what is no path is refused with the place`(text: String, offset: Int) {
        let error = #expect(throws: ExpressionError.self) { try PathExpression(text) }
        #expect(error?.kind == .malformed)
        #expect(error?.offset == offset)
    }

    @Test func `a path has a longest length`() {
        let text = "body" + String(repeating: ".a", count: PathExpression.maximumCount)
        #expect(throws: ExpressionError.self) { try PathExpression(text) }
    }
}
