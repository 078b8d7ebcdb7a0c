import GrapnelCore
import Testing

@Suite struct JSONWriterTests {
    @Test func `what is written reads back as the same value`() throws {
        let value: JSON = ["a": [1, 2.5, "x\"\\\n\u{1}é😀", nil, true], "b": ["c": .integer(.min)], "d": []]
        for style in [JSONWriter.Style.compact, .canonical, .indented] {
            #expect(try JSONParser.parse(JSONWriter.bytes(value, style: style)) == value)
        }
    }

    @Test func `equal values have equal canonical bytes`() {
        let left: JSON = ["b": 1, "a": ["y": 2, "x": 3]]
        let right: JSON = ["a": ["x": 3, "y": 2], "b": 1]
        #expect(left == right)
        #expect(JSONWriter.text(left, style: .canonical) == "{\"a\":{\"x\":3,\"y\":2},\"b\":1}")
        #expect(JSONWriter.bytes(left, style: .canonical) == JSONWriter.bytes(right, style: .canonical))
    }

    @Test func `numbers are written as JavaScript writes them`() {
        #expect(JSONWriter.text([.number(3), .number(0.1), .number(.nan), .number(1e21)]) == "[3,0.1,null,1e+21]")
    }
}
