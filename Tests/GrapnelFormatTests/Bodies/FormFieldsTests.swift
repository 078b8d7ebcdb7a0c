import GrapnelCore
import GrapnelFormat
import Testing

@Suite struct FormFieldsTests {
    @Test func `what is encoded comes back`() {
        let fields = FormFields(
            (0..<128).map { code in
                let text = String(Character(Unicode.Scalar(UInt8(code)))) + "é"
                return FormFields.Field(name: text, value: text + text)
            })
        #expect(FormFields(parsing: Array(fields.encoded.utf8)) == fields)
    }

    @Test func `an object becomes fields and back`() {
        let object: JSONObject = JSONObject([("a", "1"), ("b", ["2", "3"]), ("c", 4), ("d", nil), ("e", true)])
        let fields = FormFields(object)
        #expect(fields.encoded == "a=1&b=2&b=3&c=4&d=&e=true")
        #expect(fields.json == ["a": "1", "b": ["2", "3"], "c": "4", "d": "", "e": "true"])
    }

    @Test func `only the escapes that are asked for are decoded`() {
        let url = "https://a.example/x?u=https%3A%2F%2Fb%2fc%26d=%C3%A9%"
        #expect(PercentEncoding.decode(url, only: ":/") == "https://a.example/x?u=https://b/c%26d=%C3%A9%")
        #expect(PercentEncoding.decode(url, only: "") == url)
    }

    @Test(
        arguments: [
            ("text/plain", "text", "plain", nil), ("Text/HTML; Charset=\"utf-8\"", "text", "html", "utf-8"),
            ("a/b;x=\";\\\"\";charset=latin1", "a", "b", "latin1"), (" a/b ; charset = x ", "a", "b", "x"),
        ] as [(String, String, String, String?)])
    func `a media type is read`(text: String, type: String, subtype: String, charset: String?) throws {
        let media = try #require(MediaType(text))
        #expect(media.type == type && media.subtype == subtype)
        #expect(media.parameter("charset") == charset)
    }

    @Test(arguments: ["", "text", "/plain", "text/", ";charset=x"])
    func `what is no media type is none`(text: String) {
        #expect(MediaType(text) == nil)
    }
}
