import GrapnelCore
import GrapnelFormat
import Testing

@Suite struct PredicateArgumentTests {
    @Test(arguments: [
        ("body.state=open", #"{"body.state":{"$eq":"open"}}"#),
        ("body.id=42", #"{"body.id":{"$in":[42,"42"]}}"#),
        ("body.id=\"42\"", #"{"body.id":{"$eq":"42"}}"#),
        ("body.on=true", #"{"body.on":{"$in":[true,"true"]}}"#),
        ("body.text=a=b", #"{"body.text":{"$eq":"a=b"}}"#),
        ("body[\"a=b\"]=c", #"{"body[\"a=b\"]":{"$eq":"c"}}"#),
        ("body.empty=", #"{"body.empty":{"$eq":""}}"#),
        (#"body.amount={"$gt":100}"#, #"{"body.amount":{"$gt":100}}"#),
        (#"{"$not":{"body.a":1}}"#, #"{"$not":{"body.a":1}}"#),
    ])
    func `an argument means a condition`(text: String, definition: String) throws {
        let found = try PredicateArgument.definition(text)
        #expect(JSONWriter.text(found) == definition)
        _ = try Predicate(found)
    }

    @Test(arguments: ["body.state", "{", ""]) func `what is no condition is refused`(text: String) {
        #expect(throws: ExpressionError.self) { _ = try PredicateArgument.definition(text) }
    }

    @Test func `a number is found however the vendor writes it`() throws {
        let predicate = try Predicate(try PredicateArgument.definition("body.id=42"))
        for id in [JSON.integer(42), "42"] {
            #expect(predicate.matches(DictionaryScope(["body": .json(["id": id])])))
        }
        #expect(!predicate.matches(DictionaryScope(["body": .json(["id": 43])])))
    }
}
