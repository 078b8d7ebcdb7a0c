import GrapnelCore
import GrapnelFormat
import Testing

@Suite struct TemplateTests {
    static let scope = DictionaryScope([
        "body": .json([
            "n": 5, "f": 2.5, "b": true, "nothing": nil, "text": "a b&c", "list": ["x", 1, true], "obj": ["k": "v w"],
            "padded": "  hi \n", "time": "2026-01-05T09:00:00Z", "seconds": 1_614_265_330, "millis": 1_614_265_330_123,
            "long": "héllo wörld", "action": "opened", "labels": [["name": "bug"], ["name": "ui"]],
        ]),
        "headers": .headers(HeaderFields([("X-Event", "issues")])),
        "raw": .bytes([0x7B, 0xFF, 0x7D]),
        "form": .json(["b": "2", "a": ["9", "1", "9"]]),
    ])

    @Test(arguments: [
        ("plain", "plain"), ("{{x}", "{x}"), ("a}b", "a}b"), ("{body.n}", "5"), ("n={body.n};f={body.f}", "n=5;f=2.5"),
        ("{body.b}-{body.obj}", #"true-{"k":"v w"}"#), ("{ body.text | upper }", "A B&C"), ("{body.padded|trim}", "hi"),
        ("{body.list | join:', '}", "x, 1, true"), ("{body.labels.*.name | join:'+'}", "bug+ui"),
        ("{body.list | json}", #"["x",1,true]"#), ("{body.text | urlencode}", "a%20b%26c"),
        ("{body.obj | form}", "k=v+w"), ("{form | form}", "b=2&a=9&a=1&a=9"), ("{form | sorted-pairs}", "a1a9b2"),
        ("{body.text | base64}", "YSBiJmM="), ("{raw | base64url}", "e_99"), ("{raw | hex}", "7bff7d"),
        ("{body.text | xml}", "a b&amp;c"),
        ("{body.missing | default:'none'}", "none"), ("{body.nothing | default:'none'}", "none"),
        ("{body.missing | default:7}", "7"), ("{body.missing | default:'it\\'s'}", "it's"),
        ("{body.seconds | iso8601}", "2021-02-25T15:02:10.000Z"), ("{body.millis | unix}", "1614265330"),
        ("{body.time | unix}", "1767603600"), ("{body.time | date:'%a %e %b %Y %H:%M'}", "Mon 5 Jan 2026 09:00"),
        ("{body.long | truncate:'3'}", "hél"), ("{body.text | lower | truncate:1}", "a"),
        ("{body.time | before:'-'}/{body.time | after:'T'}", "2026/09:00:00Z"),
        ("{body.action | before:'.'}", "opened"),
    ])
    func `a template renders`(source: String, expected: String) throws {
        #expect(try Template(source).text(in: Self.scope, for: .text) == expected)
    }

    @Test func `digests are hexadecimal, or what the next filter makes of them`() throws {
        let scope = DictionaryScope(["raw": .bytes(Array("Hello, World!".utf8))])
        func text(_ source: String) throws -> String? { try Template(source).text(in: scope, for: .text) }
        #expect(try text("{raw | sha256}") == "dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f")
        #expect(try text("{raw | sha256 | base64}") == "3/1gIbsr1bCvZ2KQgJ7DpTGR3YHH9wpLKGiKNiGCmG8=")
        #expect(try text("{raw | md5}") == "65a8e27d8879283831b664bd8b7f0ad4")
        #expect(try text("{raw | crc32}") == "3964322768")
        #expect(try Template("{raw | crc32}").value(in: scope, for: .json) == 3_964_322_768)
    }

    @Test func `a single placeholder keeps its type in JSON and is absent where its path is`() throws {
        #expect(try Template("{body.n}").value(in: Self.scope, for: .json) == 5)
        #expect(try Template("{body.list}").value(in: Self.scope, for: .json) == ["x", 1, true])
        #expect(try Template("{body.nothing}").value(in: Self.scope, for: .json) == .some(nil))
        #expect(try Template("{body.nothing}").text(in: Self.scope, for: .text) == nil)
        #expect(try Template("{body.missing}").value(in: Self.scope, for: .json) == nil)
        #expect(try Template("{body.missing | upper}").text(in: Self.scope, for: .text) == nil)
        #expect(try Template("{body.missing | default:null}").value(in: Self.scope, for: .json) == .some(nil))
        #expect(try Template("#{body.n}").value(in: Self.scope, for: .json) == "#5")
    }

    @Test func `an absent part of a longer text is an error that names it`() throws {
        let template = try Template("a/{body.missing}/b")
        let error = #expect(throws: ExpressionError.self) { try template.text(in: Self.scope, for: .text) }
        #expect(error?.kind == .absent)
        #expect(error?.message == "body.missing is absent")
        #expect(throws: ExpressionError.self) { try Template("{body.missing}").bytes(in: Self.scope) }
        #expect(throws: ExpressionError.self) { try Template("x{body.nothing}").bytes(in: Self.scope) }
    }

    @Test func `an absent last part of a type drops its dot, and an id is absent as a whole`() throws {
        func type(_ source: String) throws -> String? {
            try Template(source, absence: .dropsLastDot).text(in: Self.scope, for: .text)
        }
        #expect(try type("{headers.X-Event}.{body.action}") == "issues.opened")
        #expect(try type("{headers.X-Event}.{body.missing}") == "issues")
        #expect(try type("{headers.X-Event}.{body.nothing}") == "issues")
        #expect(try type("{headers.Missing}.{body.action}") == nil)
        #expect(try type("{headers.Missing}") == nil)
        let id = try Template("{body.n}-{body.missing}", absence: .wholeIsAbsent)
        #expect(try id.text(in: Self.scope, for: .text) == nil)
    }

    @Test func `the first of several templates that is there is taken`() throws {
        func text(_ texts: [String], _ absence: Template.AbsenceRule) throws -> String? {
            try Template(firstOf: texts, absence: absence)?.text(in: Self.scope, for: .text)
        }
        #expect(try text(["{body.missing}", "call.{body.missing}", "n.{body.n}", "{body.f}"], .wholeIsAbsent) == "n.5")
        #expect(try text(["{body.n}.{body.missing}", "{body.f}"], .dropsLastDot) == "5")
        #expect(try text(["call.{body.missing}", "{body.n}"], .dropsLastDot) == "5")
        #expect(try text(["call.{body.missing}"], .dropsLastDot) == "call")
        #expect(try text(["{body.missing}", "{body.nothing}"], .wholeIsAbsent) == nil)
        #expect(try Template(firstOf: [], absence: .fails) == nil)
        let error = #expect(throws: ExpressionError.self) { try Template(firstOf: ["a", "{"], absence: .fails) }
        #expect(error?.place == ["1"])
    }

    @Test func `bytes are exact and nothing in them is escaped`() throws {
        #expect(try Template("{raw}").bytes(in: Self.scope) == [0x7B, 0xFF, 0x7D])
        #expect(
            try Template("v0:{body.text}:{raw}").bytes(in: Self.scope) == Array("v0:a b&c:".utf8) + [0x7B, 0xFF, 0x7D])
    }

    @Test(arguments: [
        (TemplatePlace.pathSegment, "a b&c%2Fé", "a%20b%26c%252F%C3%A9"), (.queryValue, "a b&c/+", "a%20b%26c%2F%2B"),
        (.form, "a b&c+*~", "a+b%26c%2B*%7E"), (.header, "a b&c", "a b&c"),
        (.xml, "<a>&\"'\u{1}", "&lt;a&gt;&amp;&quot;&apos;\u{FFFD}"), (.json, "\"\n", "\"\n"),
        (.text, "<\r\n>", "<\r\n>"),
    ])
    func `a value is escaped for its place, the text around it is not`(
        place: TemplatePlace, value: String, expected: String
    ) throws {
        let scope = DictionaryScope(["input": .json(["v": .string(value)])])
        #expect(try Template("/&<{input.v}").text(in: scope, for: place) == "/&<" + expected)
        #expect(try Template("{input.v}").text(in: scope, for: place) == expected)
    }

    @Test(arguments: [
        (TemplatePlace.pathSegment, "a/b"), (.pathSegment, "."), (.pathSegment, ".."), (.pathSegment, ""),
        (.header, "a\r\nSet-Cookie: b"), (.header, "a\nb"), (.header, "a\u{0}"),
    ])
    func `a value that its place cannot hold is refused`(place: TemplatePlace, value: String) throws {
        let scope = DictionaryScope(["input": .json(["v": .string(value)])])
        for source in ["{input.v}", "/x/{input.v}"] {
            let error = #expect(throws: ExpressionError.self) { try Template(source).text(in: scope, for: place) }
            #expect(error?.kind == .unsuitable)
            #expect(error?.message.contains("input.v") == true)
        }
    }

    @Test(arguments: [
        ("{body.text | iso8601}", "body.text"), ("{body.n | sorted-pairs}", "body.n"),
        ("{body.list | unix}", "body.list"),
    ])
    func `a filter that cannot take the value names the path`(source: String, path: String) throws {
        let error = #expect(throws: ExpressionError.self) { try Template(source).text(in: Self.scope, for: .text) }
        #expect(error?.kind == .unsuitable)
        #expect(error?.message.contains(path) == true)
    }

    @Test(arguments: [
        ("{", 1), ("a{body.n", 1), ("{body.n|}", 8), ("{body.n | nope}", 10), ("{body.n | upper:'x'}", 10),
        ("{body.n | join}", 10), ("{body.n | date:'%Q'}", 10), ("{body.n | truncate:'x'}", 10),
        ("{body.n | default:x}", 18),
        ("{body.n x}", 8), ("{}", 1), ("{body.n | default:'x}", 18),
    ])
    func `what is no template is refused with the place`(source: String, offset: Int) {
        let error = #expect(throws: ExpressionError.self) { try Template(source) }
        #expect(error?.kind == .malformed)
        #expect(error?.offset == offset)
    }

    @Test func `a tree leaves out what is absent and keeps types`() throws {
        let template = try JSONTemplate([
            "n": "{body.n}", "gone": "{body.missing}", "kept": "{body.missing | default:null}", "fixed": [1, "{{x}"],
            "list": ["{body.n}", "{body.missing}", "#{body.n}"], "deep": ["gone": "{body.missing}"],
        ])
        #expect(
            try template.render(in: Self.scope)
                == ["n": 5, "kept": nil, "fixed": [1, "{x}"], "list": [5, "#5"], "deep": [:]])
        #expect(template.templates.count == 7)
    }

    @Test func `trouble in a tree is found by its place`() throws {
        let malformed = #expect(throws: ExpressionError.self) { try JSONTemplate(["a": ["{body.x"]]) }
        #expect(malformed?.place == ["a", "0"])
        let template = try JSONTemplate(["a": ["b": "x{body.missing}"]])
        let absent = #expect(throws: ExpressionError.self) { try template.render(in: Self.scope) }
        #expect(absent?.place == ["a", "b"])
        #expect(absent?.description == "a.b: body.missing is absent in \"x{body.missing}\"")
    }
}
