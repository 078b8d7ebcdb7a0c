import GrapnelCore
import GrapnelSend
import Testing

@Suite struct RedactionTests {
    private static let redaction = Redaction(secrets: [Array("s3cr+t/value".utf8), Array("abc".utf8)])

    @Test(arguments: [
        "s3cr+t/value", "Bearer s3cr+t/value.", "czNjcit0L3ZhbHVl", "s3cr%2Bt%2Fvalue", "x s3cr+t/value s3cr+t/value",
    ])
    func `a secret is taken out however it is written`(text: String) {
        let clean = Self.redaction.apply(to: text)
        #expect(clean.contains("[redacted]"))
        #expect(!clean.contains("s3cr") && !clean.contains("czNj"))
    }

    @Test(arguments: ["nothing here", "abc", "s3cr+t/valu", ""])
    func `other text stays as it is`(text: String) {
        #expect(Self.redaction.apply(to: text) == text)
    }

    @Test func `a secret that is part of the mark comes to an end`() {
        #expect(Redaction(secrets: [Array("redacted".utf8)]).apply(to: "a redacted b") == "a [redacted] b")
    }

    @Test func `head and body of an answer are cleaned`() {
        let response = EgressResponse(
            status: 200, head: Array("X-Echo: s3cr+t/value\r\n".utf8), body: Array("{\"a\":\"s3cr+t/value\"}".utf8))
        let clean = Self.redaction.apply(to: response)
        #expect(clean.headers.first("x-echo") == "[redacted]")
        #expect(clean.body == Array("{\"a\":\"[redacted]\"}".utf8))
    }
}
