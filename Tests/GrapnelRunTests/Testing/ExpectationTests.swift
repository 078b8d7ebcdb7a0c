import GrapnelCore
import GrapnelRun
import Testing

/// What a test of a recipe may leave open, and what it may not.
@Suite struct ExpectationTests {
    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":1,"b":2}"#), (#"{"a":null}"#, "{}"), ("[1,2]", "[1,2]"), ("1", "1.0"),
        (#""…Down!…""#, #""It is Down! again""#), (#""Hello …""#, #""Hello ""#), (#""…""#, #""""#),
        (#""a…b…c""#, #""a-b-b-c""#), (#"{"a":{"b":["…x"]}}"#, #"{"a":{"b":["yx"],"c":0}}"#),
    ])
    func `what fits is no difference`(expected: String, actual: String) throws {
        let differences = Expectation.differences(
            try JSONParser.parse(Array(expected.utf8)), try JSONParser.parse(Array(actual.utf8)), at: "value")
        #expect(differences == [])
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":2}"#, "value.a"), (#"{"a":1}"#, "{}", "value.a"), ("[1,2]", "[1]", "value"),
        ("[1,2]", "[1,3]", "value.1"), (#""a…""#, #""ba""#, "value"), (#""…a""#, #""ab""#, "value"),
        (#""a…a""#, #""a""#, "value"), ("1", #""1""#, "value"), ("null", "0", "value"),
    ])
    func `what does not fit is told with its place`(expected: String, actual: String, place: String) throws {
        let differences = Expectation.differences(
            try JSONParser.parse(Array(expected.utf8)), try JSONParser.parse(Array(actual.utf8)), at: "value")
        #expect(differences.count == 1)
        #expect(differences.first?.hasPrefix("\(place)\n") == true, "\(differences)")
    }
}
