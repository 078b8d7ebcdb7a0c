import GrapnelCore
import GrapnelCrypto
import GrapnelEmulator
import GrapnelFormat
import TestSupport
import Testing

/// Samples that become requests as a vendor posts them.
@Suite struct SampleSignerTests {
    let now = Timestamp(milliseconds: 1_767_603_600_000)
    let random = SeededRandomSource(seed: 3)

    private func github() throws -> SampleSigner {
        SampleSigner(
            schemes: [
                SignatureScheme(
                    name: "sha256",
                    signature: SignatureLocation(
                        source: .header("X-Hub-Signature-256"), prefix: "sha256=", encoding: .hex),
                    algorithm: .hmacSHA256, signs: try Template("{raw}"))
            ],
            trigger: TriggerRule(headers: [
                ("X-GitHub-Event", try Template("{type}")), ("X-GitHub-Delivery", try Template("{uuid}")),
            ]), secret: "secret")
    }

    @Test func `the bytes of a sample are signed as they are`() throws {
        let body = Array(#"{ "action" : "opened", "issue": {"title": "A"} }"#.utf8)
        let request = try github().request(
            for: Sample(type: "issues", format: .json, body: body), url: "https://hub.example.com/hooks/github?a=1",
            now: now, random: random)
        #expect(request.method == "POST")
        #expect(request.body == body)
        #expect(request.target == "/hooks/github?a=1")
        #expect(request.headers.first("Content-Type") == "application/json")
        #expect(request.headers.first("X-GitHub-Event") == "issues")
        let signature = HMACSignature.sign(body, key: Array("secret".utf8), algorithm: .sha256)
        #expect(request.headers.first("X-Hub-Signature-256") == "sha256=" + Hex.encode(signature))
    }

    @Test func `every trigger is a new delivery unless an id is given`() throws {
        let sample = Sample(type: "ping", format: .json, body: Array("{}".utf8))
        func id(_ id: String?) throws -> String? {
            try github().request(for: sample, url: "https://h/x", id: id, now: now, random: random)
                .headers.first("X-GitHub-Delivery")
        }
        let first = try #require(try id(nil))
        #expect(first.utf8.count == 36)
        #expect(try id(nil) != first)
        #expect(try id("again") == "again")
    }

    @Test func `changes reach into the body, and the signature is of what is sent`() throws {
        let sample = Sample(type: "issues", format: .json, body: Array(#"{"issue":{"title":"A","labels":[]}}"#.utf8))
        let request = try github().request(
            for: sample, url: "https://h/x",
            changes: [
                try SampleChange(argument: "body.issue.title=Down!"),
                try SampleChange(argument: "body.issue.labels.0.name=bug"),
                try SampleChange(argument: "body.amount=60000"), try SampleChange(argument: "headers.X-Extra=1"),
            ], now: now, random: random)
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"issue":{"title":"Down!","labels":[{"name":"bug"}]},"amount":60000}"#)
        #expect(request.headers.first("X-Extra") == "1")
        let signature = HMACSignature.sign(request.body, key: Array("secret".utf8), algorithm: .sha256)
        #expect(request.headers.first("X-Hub-Signature-256") == "sha256=" + Hex.encode(signature))
    }

    @Test func `a form keeps its order, and its fields are made new`() throws {
        let signer = SampleSigner(
            schemes: [
                SignatureScheme(
                    name: "form",
                    signature: SignatureLocation(source: .header("X-Signature"), encoding: .base64),
                    algorithm: .hmacSHA1, signs: try Template("{url}{form | sorted-pairs}"))
            ],
            trigger: TriggerRule(
                contentType: "application/x-www-form-urlencoded; charset=UTF-8",
                set: [
                    ("body.MessageSid", try Template("SM{token}")), ("body.Absent", try Template("{token}")),
                ]), secret: "12345")
        let request = try signer.request(
            for: Sample(type: "message.received", format: .form, body: Array("To=%2B1&MessageSid=SM0&Body=Hi".utf8)),
            url: "https://h/x", changes: [try SampleChange(argument: "form.Body=A pizza, please")],
            id: "0123456789abcdef0123456789abcdef", now: now, random: random)
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "To=%2B1&MessageSid=SM0123456789abcdef0123456789abcdef&Body=A+pizza%2C+please")
        let content = "https://h/xBodyA pizza, pleaseMessageSidSM0123456789abcdef0123456789abcdefTo+1"
        let signature = HMACSignature.sign(Array(content.utf8), key: Array("12345".utf8), algorithm: .sha1)
        #expect(request.headers.first("X-Signature") == Base64.encode(signature))
    }

    @Test func `every element of a batch gets an identity of its own`() throws {
        let signer = SampleSigner(
            schemes: [],
            trigger: TriggerRule(set: [
                ("body.*.eventId", try Template("{number}")), ("body.*.occurredAt", try Template("{now}")),
            ]), secret: nil)
        let request = try signer.request(
            for: Sample(type: "contact.creation", format: .json, body: Array(#"[{"eventId":1},{"eventId":1}]"#.utf8)),
            url: "https://h/x", now: now, random: random)
        let ids = try #require(try JSONParser.parse(request.body).array?.compactMap { $0["eventId"]?.integer })
        #expect(ids.count == 2 && ids[0] != ids[1])
        #expect(try JSONParser.parse(request.body)[0]?["occurredAt"] == nil)
        #expect(request.headers.first("X-Signature") == nil)
    }

    @Test func `a scheme with a timestamp signs the present`() throws {
        let signer = SampleSigner(
            schemes: [
                SignatureScheme(
                    name: "v0",
                    signature: SignatureLocation(source: .header("X-Signature"), prefix: "v0=", encoding: .hex),
                    timestamp: SignatureTimestamp(source: .header("X-Time"), unit: .seconds, tolerance: .seconds(300)),
                    algorithm: .hmacSHA256, signs: try Template("v0:{timestamp}:{raw}"))
            ], secret: "k")
        let request = try signer.request(
            for: Sample(type: "message", format: .text, body: Array("hi".utf8)), url: "https://h/x", now: now,
            random: random)
        #expect(request.headers.first("X-Time") == "1767603600")
        let signature = HMACSignature.sign(Array("v0:1767603600:hi".utf8), key: Array("k".utf8), algorithm: .sha256)
        #expect(request.headers.first("X-Signature") == "v0=" + Hex.encode(signature))
    }

    @Test(arguments: [
        "title=1", "url.x=1", "body=1", "noequals", "=1", "body.issue.title.deep=1", "body.list.3=1", "form.a=1",
    ])
    func `a change that cannot be made is refused`(_ argument: String) throws {
        let sample = Sample(type: "x", format: .json, body: Array(#"{"issue":{"title":"A"},"list":[]}"#.utf8))
        #expect(throws: SampleError.self) {
            try github().request(
                for: sample, url: "https://h/x", changes: [try SampleChange(argument: argument)], now: now,
                random: random)
        }
    }

    @Test func `a source that takes no scheme says so`() throws {
        #expect(throws: SampleError.noScheme) {
            try SampleSigner(schemes: [], secret: "k").request(
                for: Sample(type: "x", format: .json, body: Array("{}".utf8)), url: "https://h/x", now: now,
                random: random)
        }
    }

    @Test func `the name of a file says what the sample is`() {
        #expect(Sample(fileName: "issues.opened.json", body: [])?.type == "issues.opened")
        #expect(Sample(fileName: "message.received.form", body: [])?.format == .form)
        #expect(Sample(fileName: "README.md", body: []) == nil)
        #expect(Sample(fileName: ".json", body: []) == nil)
    }
}
