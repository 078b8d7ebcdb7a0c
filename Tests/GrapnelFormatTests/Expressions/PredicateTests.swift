import GrapnelCore
import GrapnelFormat
import Testing

@Suite struct PredicateTests {
    static let scope = DictionaryScope([
        "body": .json([
            "state": "open", "count": 3, "price": 2.5, "flag": true, "nothing": nil, "text": "3",
            "labels": [["name": "bug"], ["name": "urgent"]], "tags": ["a", "b"], "accent": "e\u{301}",
        ]),
        "form": .json(["Digits": "1234", "Zip": "01234", "Body": "two"]),
    ])

    private func holds(_ definition: JSON) throws -> Bool {
        try Predicate(definition).matches(Self.scope)
    }

    @Test(
        arguments: [
            ["body.state": "open"], ["body.state": ["$eq": "open"]], ["body.count": 3], ["body.count": 3.0],
            ["body.price": ["$gt": 2, "$lt": 3]], ["body.count": ["$gte": 3]], ["body.count": ["$lte": 3]],
            ["body.state": ["$gt": "apple"]], ["body.state": ["$in": ["closed", "open"]]],
            ["body.labels.*.name": "urgent"], ["body.labels.*.name": ["$in": ["urgent"]]],
            ["body.missing": ["$exists": false]], ["body.nothing": ["$exists": true]], ["body.nothing": nil],
            ["body.missing": ["$ne": 1]], ["body.missing": ["$nin": [1]]], ["body.missing": ["$not": ["$eq": 1]]],
            ["body.state": ["$startsWith": "op"]], ["body.state": ["$endsWith": "en"]],
            ["body.state": ["$contains": "pe"]], ["body.tags": ["$contains": "b"]], ["body.tags": ["a", "b"]],
            ["$or": [["body.state": "closed"], ["body.count": 3]]], ["$not": ["body.state": "closed"]],
            ["$and": [["body.state": "open"], ["body.flag": true]]], [:],
            ["body.count": ["$or": [["$lt": 0], ["$gt": 2]]]], ["body.labels.0": ["name": "bug"]],
        ] as [JSON])
    func `a condition holds, and its negation does not`(definition: JSON) throws {
        #expect(try holds(definition))
        #expect(try !holds(["$not": definition]))
    }

    @Test(
        arguments: [
            ["body.state": "Open"], ["body.state": "open", "body.count": 4], ["body.count": "3"], ["body.text": 3],
            ["body.text": ["$gt": 1]], ["body.count": ["$gt": "1"]], ["body.missing": nil],
            ["body.missing": ["$lt": 1]],
            ["body.labels.*.name": ["$ne": "bug"]], ["body.labels.*.name": ["$nin": ["urgent"]]],
            ["body.labels.*.name": "none"], ["body.missing": ["$exists": true]], ["body.flag": 1],
            ["body.count": ["$gt": 2, "$lt": 3]], ["body.tags": ["$contains": "c"]], ["body.count": ["$contains": 3]],
            ["body.accent": "\u{E9}"],
        ] as [JSON])
    func `a condition does not hold`(definition: JSON) throws {
        #expect(try !holds(definition))
    }

    @Test func `a form's text that looks like a number compares as one, and as text with text`() throws {
        #expect(try holds(["form.Digits": 1234]))
        #expect(try holds(["form.Digits": "1234"]))
        #expect(try holds(["form.Digits": ["$gt": 1000]]))
        #expect(try !holds(["form.Digits": ["$gt": 2000]]))
        #expect(try !holds(["form.Zip": 1234]))
        #expect(try !holds(["form.Body": ["$gt": 0]]))
    }

    @Test func `the body of an event that is a form compares as a form`() throws {
        let event = Event(
            id: Identifier(high: 1, low: 2), tenant: .default, source: "sms", type: "message.received",
            deliveryID: "SM1", receivedAt: Timestamp(milliseconds: 0),
            headers: HeaderFields([("content-type", "application/x-www-form-urlencoded; charset=UTF-8")]),
            query: "page=2", raw: Array("NumMedia=0".utf8), bodyKind: .value)
        let scope = EventScope(event: event, body: ["NumMedia": "0"])
        #expect(try Predicate(["body.NumMedia": 0, "form.NumMedia": 0, "query.page": 2]).matches(scope))
        #expect(try Predicate(["event.type": "message.received", "event.source": "sms"]).matches(scope))
    }

    @Test(
        arguments: [
            (["body.x": ["$regex": "a"]], ["body.x", "$regex"]), (["$nor": [:]], ["$nor"]),
            (["$or": []], ["$or"]), (["$and": [[:], ["body.": 1]]], ["$and", "1", "body."]),
            (["body.x": ["$in": "a"]], ["body.x", "$in"]), (["body.x": ["$exists": 1]], ["body.x", "$exists"]),
            (["body.x": ["$gt": true]], ["body.x", "$gt"]), (["body.x": ["$gt": 1, "y": 2]], ["body.x", "y"]),
            ("body.x", []), (["body.x": ["$startsWith": 1]], ["body.x", "$startsWith"]),
        ] as [(JSON, [String])])
    func `what is no condition is refused with the place`(definition: JSON, place: [String]) {
        let error = #expect(throws: ExpressionError.self) { try Predicate(definition) }
        #expect(error?.place == place)
        #expect(error?.kind == .malformed)
    }

    @Test func `conditions have a greatest depth`() {
        var definition: JSON = ["body.x": 1]
        for _ in 0...Predicate.maximumDepth { definition = ["$not": definition] }
        #expect(throws: ExpressionError.self) { try Predicate(definition) }
    }

    @Test func `a predicate knows its paths`() throws {
        let predicate = try Predicate(["body.a": 1, "$or": [["headers.b": 2], ["$not": ["query.c": 3]]]])
        #expect(predicate.paths.map(\.description) == ["body.a", "headers.b", "query.c"])
    }
}
