import GrapnelCore
import GrapnelFormat
import GrapnelSend
import Testing

/// What answers mean, by the connector's rules first and by HTTP after them.
@Suite struct AnswerTests {
    private static func connector(_ response: String = "", effect: String = "at_least_once") throws
        -> ConnectorDefinition
    {
        try ConnectorDefinition.decode(
            yaml: """
                name: Vendor
                base_url: https://api.vendor.example
                auth: { kind: bearer, credential: token }
                operations:
                  post:
                    summary: Post
                    effect: \(effect)
                    input: { type: object }
                    request: { method: POST, path: /things, json: { a: "{input.a}" } }
                \(response.isEmpty ? "" : "    response: " + response)
                """, id: "vendor", file: "connector.yaml")
    }

    private func run(_ answer: SampleResponse, rules: String = "", error: JSON? = nil, output: JSON? = nil) throws
        -> [String]
    {
        let test = ConnectorTest(
            name: "t", operation: "post", input: ["a": 1], credentials: ["token": "test-token"], answer: answer,
            output: output, error: error)
        return ConnectorTestRunner.run(test, of: try Self.connector(rules))
    }

    @Test(arguments: [400, 402, 404, 405, 410, 413, 415, 418, 422, 451, 301, 307, 308])
    func `a definite refusal is not tried again`(status: Int) throws {
        let error: JSON = ["outcome": "definite", "retryable": false, "status": .integer(Int64(status))]
        #expect(try run(SampleResponse(status: status), error: error) == [])
    }

    @Test(arguments: [408, 409, 425, 499, 500, 501, 502, 503, 504, 520, 302, 303, 304])
    func `where HTTP leaves it open, the outcome is unknown`(status: Int) throws {
        let error: JSON = ["outcome": "unknown", "status": .integer(Int64(status))]
        #expect(try run(SampleResponse(status: status), error: error) == [])
    }

    @Test(arguments: [401, 403])
    func `refused credentials say so`(status: Int) throws {
        let error: JSON = ["code": "connection_unauthorized", "outcome": "definite", "retryable": false]
        #expect(try run(SampleResponse(status: status), error: error) == [])
    }

    @Test func `429, and 503 with a time, may be tried again`() throws {
        let limited: JSON = ["code": "rate_limited", "outcome": "definite", "retryable": true, "retry_after": "30s"]
        #expect(try run(SampleResponse(status: 429, headers: ["Retry-After": "30"]), error: limited) == [])
        let unavailable: JSON = ["code": "http_503", "outcome": "definite", "retryable": true, "retry_after": "2m"]
        #expect(try run(SampleResponse(status: 503, headers: ["Retry-After": "120"]), error: unavailable) == [])
    }

    @Test func `a success that is none in its own words is a refusal, but only in words that can be read`() throws {
        let rules = "{ success: { status: [200], where: { body.ok: true } }, error: \"{body.why}\" }"
        let refused: JSON = [
            "code": "rejected", "outcome": "definite", "retryable": false, "message": "…no such thing",
        ]
        #expect(
            try run(SampleResponse(json: ["ok": false, "why": "no such thing"]), rules: rules, error: refused) == [])
        let page = SampleResponse(headers: ["Content-Type": "text/html"], text: "<html>hello</html>")
        #expect(try run(page, rules: rules, error: ["outcome": "unknown", "status": 200]) == [])
        #expect(try run(SampleResponse(status: 202, json: [:]), rules: rules, error: ["outcome": "unknown"]) == [])
    }

    @Test func `the connector's rules go before HTTP's`() throws {
        let rules = """
            { retryable: [{ status: [500-599] }], rejected: [{ status: [409] }], unknown: [{ status: [404] }],
              unauthorized: [{ where: { body.error: token_revoked } }] }
            """.split(separator: "\n").joined(separator: " ")
        #expect(
            try run(SampleResponse(status: 502), rules: rules, error: ["outcome": "definite", "retryable": true]) == [])
        #expect(
            try run(SampleResponse(status: 409), rules: rules, error: ["outcome": "definite", "retryable": false]) == []
        )
        #expect(try run(SampleResponse(status: 404), rules: rules, error: ["outcome": "unknown"]) == [])
        let revoked = SampleResponse(status: 400, json: ["error": "token_revoked"])
        #expect(try run(revoked, rules: rules, error: ["code": "connection_unauthorized"]) == [])
    }

    @Test func `an output is made of the answer, and a credential that the vendor echoes is not in it`() throws {
        let rules = "{ output: { id: \"{body.id}\", echo: \"{body.echo}\", missing: \"{body.missing}\" } }"
        let answer = SampleResponse(json: ["id": 9, "echo": "Bearer test-token"])
        #expect(try run(answer, rules: rules, output: ["id": 9, "echo": "Bearer [redacted]"]) == [])
    }

    @Test func `without an output rule the body is the output`() throws {
        #expect(try run(SampleResponse(json: ["a": [1, 2]]), output: ["a": [1, 2]]) == [])
        #expect(try run(SampleResponse(status: 204), output: .null) == [])
    }

    @Test func `a refusal's message holds no credential`() throws {
        let answer = SampleResponse(status: 400, text: "bad token test-token")
        #expect(try run(answer, error: ["message": "…bad token [redacted]"]) == [])
    }

    @Test func `an id with a slash cannot lead to another resource`() throws {
        let connector = try ShippedConnectors.definition("hubspot")
        for id in ["../companies/1", "..", "a/b", ""] {
            let test = ConnectorTest(
                name: "t", operation: "getContact", input: ["id": .string(id)], credentials: ["token": "test-token"],
                error: ["code": "invalid_input", "retryable": false])
            #expect(ConnectorTestRunner.run(test, of: connector) == [])
        }
    }

    @Test func `a header that is no text does not fit the input`() throws {
        let connector = try ShippedConnectors.definition("http")
        let test = ConnectorTest(
            name: "t", operation: "get", input: ["url": "/", "headers": ["X-A": 1]], error: ["code": "invalid_input"])
        #expect(ConnectorTestRunner.run(test, of: connector) == ["input: headers.X-A must be string, not integer"])
    }

    @Test func `the published example of Standard Webhooks is signed as published`() throws {
        let connector = try ConnectorDefinition.decode(
            yaml: """
                name: Receiver
                base_url: https://receiver.example
                auth: { kind: standard-webhooks, credential: secret }
                operations:
                  post:
                    summary: Post
                    effect: at_least_once
                    input: { type: object }
                    request: { method: POST, path: /, raw: "{input.body}", headers: { Content-Type: application/json } }
                """, id: "receiver", file: "connector.yaml")
        let test = ConnectorTest(
            name: "t", operation: "post", input: ["body": "{\"test\": 2432232314}"],
            credentials: ["secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
            now: Timestamp(milliseconds: 1_614_265_330_000), key: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            expectedHeaders: [
                "Content-Type": "application/json", "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp": "1614265330",
                "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ])
        #expect(ConnectorTestRunner.run(test, of: connector) == [])
    }

    @Test func `forms and multipart bodies are encoded by their rules`() throws {
        let connector = try ConnectorDefinition.decode(
            yaml: """
                name: Forms
                base_url: https://forms.example/api?version=2
                operations:
                  form:
                    summary: Form
                    effect: at_least_once
                    input: { type: object }
                    request: { method: POST, path: /f, query: { q: "{input.q}" }, form: { a: "{input.a}", gone: "{input.gone}" } }
                  parts:
                    summary: Parts
                    effect: at_least_once
                    input: { type: object }
                    request: { method: POST, path: /p, multipart: { note: "{input.note}", file: "{input.file}" } }
                """, id: "forms", file: "connector.yaml")
        let form = ConnectorTest(
            name: "f", operation: "form", input: ["q": ["x y", "z"], "a": ["1&2", "ü"]],
            expectedURL: "https://forms.example/api/f?version=2&q=x%20y&q=z", expectedBody: "a=1%262&a=%C3%BC")
        #expect(ConnectorTestRunner.run(form, of: connector) == [])
        let parts = ConnectorTest(
            name: "p", operation: "parts",
            input: ["note": "hi", "file": ["filename": "a\"b.txt", "type": "text/plain", "content": "text"]],
            key: "h1_b",
            expectedHeaders: ["Content-Type": "multipart/form-data; boundary=h1_b"],
            expectedBody: .string(
                "--h1_b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n--h1_b\r\n"
                    + "Content-Disposition: form-data; name=\"file\"; filename=\"a%22b.txt\"\r\n"
                    + "Content-Type: text/plain\r\n\r\ntext\r\n--h1_b--\r\n"))
        #expect(ConnectorTestRunner.run(parts, of: connector) == [])
    }
}
