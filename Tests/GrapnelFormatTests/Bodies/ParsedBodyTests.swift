import GrapnelCore
import GrapnelFormat
import Testing

@Suite struct ParsedBodyTests {
    private func parse(_ text: String, _ contentType: String?) -> ParsedBody {
        ParsedBody.parse(raw: Array(text.utf8), contentType: contentType)
    }

    @Test(arguments: [
        "application/json", "Application/JSON; charset=utf-8", "application/cloudevents+json", "text/json",
    ])
    func `JSON is its own body`(contentType: String) {
        let body = parse(#"{"a":1}"#, contentType)
        #expect(body.kind == .json)
        #expect(body.json == ["a": 1])
        #expect(body.parseError == nil)
    }

    @Test func `JSON that does not parse is absent and says where`() {
        let body = parse(#"{"a":}"#, "application/json")
        #expect(body.kind == .absent)
        #expect(body.json == nil)
        #expect(body.parseError == "unexpected character at byte 5")
    }

    @Test func `a form is an object with arrays for repeated names`() {
        let body = parse(
            "From=%2B1415&Body=hi+there&Media=a&Media=b&Media=c&Empty=&Bare&%zz=%4", "application/x-www-form-urlencoded"
        )
        #expect(body.kind == .value)
        #expect(
            body.json == [
                "From": "+1415", "Body": "hi there", "Media": ["a", "b", "c"], "Empty": "", "Bare": "", "%zz": "%4",
            ])
        #expect(body.form?.values("Media") == ["a", "b", "c"])
        #expect(body.form?.first("From") == "+1415")
    }

    @Test func `a form of too many fields is refused`() {
        let text = String(repeating: "a=1&", count: FormFields.maximumCount)
        #expect(parse(text, "application/x-www-form-urlencoded").parseError != nil)
        #expect(FormFields(parsing: Array(text.utf8)).fields.count == FormFields.maximumCount)
    }

    @Test func `text stays text, and other types have no body`() {
        #expect(parse("hello", "text/plain").kind == .text)
        #expect(parse("hello", "text/plain").json == "hello")
        #expect(parse("hello", "application/octet-stream") == .absent)
        #expect(parse("{}", nil) == .absent)
        #expect(parse("{}", "nonsense") == .absent)
        #expect(parse("", "application/json") == .absent)
    }

    @Test func `another character set is decoded, or named as one that cannot be`() {
        let body = ParsedBody.parse(raw: [0x22, 0xE9, 0x22], contentType: "application/json; charset=\"ISO-8859-1\"")
        #expect(body.kind == .value)
        #expect(body.json == "é")
        #expect(ParsedBody.isReadable(contentType: "text/plain; charset=utf-8"))
        #expect(ParsedBody.isReadable(contentType: nil))
        #expect(!ParsedBody.isReadable(contentType: "text/plain; charset=utf-16"))
        #expect(parse("a", "text/plain; charset=utf-16").parseError != nil)
    }

    @Test func `multipart has fields and files`() {
        let text = [
            "preamble", "--xyz", "Content-Disposition: form-data; name=\"from\"", "", "a@b.co", "--xyz",
            "content-disposition: form-data; name=\"to\"", "", "", "--xyz", "Content-Disposition: form-data; name=to",
            "",
            "two\r\nlines", "--xyz  ",
            "Content-Disposition: form-data; name=\"file\"; filename=\"a;\\\"b.txt\"", "Content-Type: text/plain", "",
            "--xy not the boundary", "--xyz--", "epilogue",
        ].joined(separator: "\r\n")
        let body = parse(text, "multipart/form-data; boundary=xyz")
        #expect(body.parseError == nil)
        #expect(body.json?["fields"] == ["from": "a@b.co", "to": ["", "two\r\nlines"]])
        #expect(
            body.json?["files"] == [
                [
                    "field": "file", "name": "a;\"b.txt", "content_type": "text/plain", "size": 21,
                    "base64": "LS14eSBub3QgdGhlIGJvdW5kYXJ5",
                ]
            ])
        #expect(body.form?.first("from") == "a@b.co")
    }

    @Test(arguments: [
        "", "--xyz", "--xyz\r\n", "--xyz\r\nA: b", "--xyz\r\nA: b\r\n\r\nbody", "--xyz\r\nno colon\r\n\r\nx\r\n--xyz--",
        "--xyz\r\nA: b\r\n\r\nx\r\n--xyz--", "--xyzq\r\n\r\n\r\n--xyz--", "nothing",
    ])
    func `broken multipart is refused`(text: String) {
        let body = parse("\r\n" + text, "multipart/form-data; boundary=xyz")
        #expect(body.kind == .absent)
        #expect(body.parseError != nil)
        #expect(parse("x", "multipart/form-data").parseError == "multipart without a boundary")
    }

    @Test func `multipart has a greatest number of parts`() {
        let part = "--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
        let text = String(repeating: part, count: 1001) + "--xyz--"
        #expect(parse(text, "multipart/form-data; boundary=xyz").parseError?.hasPrefix("more than 1000 parts") == true)
    }

    @Test func `XML is an object of attributes, children and text`() {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?><!-- note -->
            <s:Envelope xmlns:s='http://x/'><s:Body id="1 &amp; 2">
              <Item>a</Item><Item>b<!-- c --></Item><Empty/><Raw><![CDATA[<&>]]></Raw><N a="1">x &#x41;&#66;</N>
            </s:Body></s:Envelope>
            """
        let body = parse(text, "text/xml; charset=utf-8")
        #expect(body.kind == .value)
        #expect(
            body.json == [
                "s:Envelope": [
                    "@xmlns:s": "http://x/",
                    "s:Body": [
                        "@id": "1 & 2", "Item": ["a", "b"], "Empty": "", "Raw": "<&>",
                        "N": ["@a": "1", "#text": "x AB"],
                    ],
                ]
            ])
        #expect(parse("<a/>", "application/soap+xml").json == ["a": ""])
    }

    @Test(arguments: [
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a>&x;</a>", "<a>", "<a></b>", "<a/><b/>", "<a b=c/>", "text",
        "<a b=\"<\"/>", "<a>\u{1}&#0;</a>", "<a b='1'c='2'/>", "<a>&#x110000;</a>", "<a>&#-1;</a>", "<>",
        "<a><![CDATA[</a>",
    ])
    func `what is not plain XML is refused`(text: String) {
        #expect(parse(text, "application/xml").parseError != nil)
    }

    @Test func `XML has a greatest depth and a greatest number of elements`() {
        let depth = XMLBody.maximumDepth
        func nested(_ count: Int) -> String {
            String(repeating: "<a>", count: count) + String(repeating: "</a>", count: count)
        }
        #expect(parse(nested(depth), "text/xml").parseError == nil)
        #expect(parse(nested(depth + 1), "text/xml").parseError != nil)
        let wide = "<r>" + String(repeating: "<a/>", count: XMLBody.maximumNodes) + "</r>"
        #expect(parse(wide, "text/xml").parseError != nil)
    }
}
