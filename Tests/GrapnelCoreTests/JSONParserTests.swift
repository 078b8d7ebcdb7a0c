import GrapnelCore
import Testing

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("null", JSON.null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
            ("-12", .integer(-12)),
            ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("1.5e3", .number(1500)), ("-0", .number(-0.0)), ("\"a\\u00e9\\ud83d\\ude00\\n\"", .string("aé😀\n")),
            ("\"\\ud83d\"", .string("\u{FFFD}")), ("\"\\ud83dx\"", .string("\u{FFFD}x")), ("[]", .array([])),
            ("{}", .object(JSONObject())),
            ("[1,[2],{\"a\":null}]", .array([1, .array([2]), JSON.object(JSONObject([("a", .null)]))])),
        ] as [(String, JSON)])
    func `text becomes the value that it spells`(text: String, value: JSON) throws {
        #expect(try JSONParser.parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "tru", "01", "1.", "1e", "+1", "-", ".5", "\"", "\"\\x\"", "\"\\u12\"", "\"\u{1}\"", "[", "[1",
        "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "1 2", "[1]]", "1e999", "NaN", "'a'", "\u{FEFF}1",
    ])
    func `text that is not JSON is refused`(text: String) {
        #expect(throws: JSONParseError.self) { try JSONParser.parse(text) }
    }

    @Test func `bytes that are not UTF-8 are refused in strings`() {
        #expect(throws: JSONParseError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
        #expect(throws: JSONParseError.self) { try JSONParser.parse([0x22, 0x5C, 0x6E, 0xC3, 0x22]) }
    }

    @Test func `nesting and size are bounded, not the stack`() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONParseError.self) { try JSONParser.parse(deep) }
        let many = Array("[1,2,3,4,5]".utf8)
        #expect(throws: JSONParseError.self) { try JSONParser.parse(many, limits: .init(values: 5)) }
        #expect(throws: Never.self) { try JSONParser.parse(many, limits: .init(values: 6)) }
    }

    @Test func `a repeated member reads as the last one`() throws {
        #expect(try JSONParser.parse("{\"a\":1,\"b\":2,\"a\":3}")["a"] == 3)
    }

    @Test func `the elements of an array know their place in the bytes`() throws {
        let bytes = Array(" [ {\"a\":1} , 2 ] ".utf8)
        let elements = try JSONParser.elementRanges(bytes)
        #expect(elements.map(\.value) == [["a": 1], 2])
        #expect(elements.map { String(decoding: bytes[$0.range], as: UTF8.self) } == ["{\"a\":1}", "2"])
        #expect(throws: JSONParseError.self) { try JSONParser.elementRanges(Array("{}".utf8)) }
    }
}
