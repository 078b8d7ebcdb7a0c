import GrapnelCore
import GrapnelEmulator
import Testing

/// Stand-ins over real connections.
@Suite struct EmulatorServerTests {
    @Test func `a request that fits is answered with the sample, and its input is read back`() async throws {
        try await Emulated.run { emulated in
            let answer = try await emulated.client.send(
                "POST", "/slack/chat.postMessage",
                headers: [Emulated.bearer, Emulated.json, ("Grapnel-Effect", "key-1")],
                body: ##"{"channel":"#triage","text":"Down!","blocks":null,"thread_ts":"1.2","kind":"message"}"##)
            #expect(answer.status == 200)
            #expect(answer.json?["ts"] == "1503435956.000247")
            #expect(answer.headers.first("Content-Type") == "application/json")
            let record = try #require(emulated.recorder.requests(after: 0).first)
            #expect(record.operation == "postMessage")
            #expect(record.input == ["channel": "#triage", "text": "Down!", "thread": ["ts": "1.2"]])
            #expect(record.effectKey == "key-1")
            #expect(record.status == 200 && record.isApplied)
            #expect(record.headers.first("Authorization") == "Bearer ***")
        }
    }

    @Test(arguments: [
        (#"{"channel":"C","text":"hi","kind":"message","as_user":true}"#, "as_user"),
        (#"{"channel":"C","kind":"message"}"#, "text"),
        (#"{"channel":7,"text":"hi","kind":"message"}"#, "channel"),
        (#"{"channel":"C","text":"hi"}"#, "kind"),
        (#"{"channel":"C","text":"hi","kind":"other"}"#, "kind"),
        (#"{"channel":"C","text":"0123456789012345678901234567890123456789!","kind":"message"}"#, "text"),
        ("not json", "JSON"),
        ("[]", "object"),
    ])
    func `a body that the operation cannot have sent is refused with its name`(
        _ body: String, _ named: String
    ) async throws {
        try await Emulated.run { emulated in
            let answer = try await emulated.client.send(
                "POST", "/slack/chat.postMessage", headers: [Emulated.bearer, Emulated.json], body: body)
            #expect(answer.status == 400)
            #expect(answer.body.contains(named), "\(answer.body)")
            #expect(answer.headers.first("Content-Type") == "application/problem+json")
            #expect(emulated.recorder.totals.applied == 0)
        }
    }

    @Test func `credentials are checked as the vendor does`() async throws {
        try await Emulated.run(credentials: ["slack": ["token": "xoxb-1"]]) { emulated in
            let body = #"{"channel":"C","text":"hi","kind":"message"}"#
            for (header, status) in [
                (("Authorization", "Bearer xoxb-1"), 200), (("Authorization", "Bearer xoxb-2"), 401),
                (("Authorization", "Basic xoxb-1"), 401), (("X-Nothing", "1"), 401),
            ] {
                let answer = try await emulated.client.send(
                    "POST", "/slack/chat.postMessage", headers: [header, Emulated.json], body: body)
                #expect(answer.status == status, "\(header)")
                #expect(!answer.body.contains("xoxb"))
            }
            #expect(emulated.recorder.totals == totals(received: 4, applied: 1))
        }
    }

    @Test func `a form is read with repeated fields, numbers and credentials in the path`() async throws {
        try await Emulated.run(credentials: ["sms": ["account": "AC1", "token": "secret"]]) { emulated in
            let basic = ("Authorization", "Basic QUMxOnNlY3JldA==")
            let body = "To=%2B4915&Body=Hello+you&MediaUrl=a&MediaUrl=b&Attempt=2"
            let answer = try await emulated.client.send(
                "POST", "/sms/Accounts/AC1/Messages.json", headers: [basic, Emulated.form], body: body)
            #expect(answer.status == 201)
            let record = try #require(emulated.recorder.requests(after: 0).first)
            #expect(record.input == ["to": "+4915", "body": "Hello you", "media": ["a", "b"], "attempts": 2])
            #expect(record.path == "/Accounts/***/Messages.json")

            let wrongAccount = try await emulated.client.send(
                "POST", "/sms/Accounts/AC2/Messages.json", headers: [basic, Emulated.form], body: body)
            #expect(wrongAccount.status == 401)
            let unknown = try await emulated.client.send(
                "POST", "/sms/Accounts/AC1/Messages.json", headers: [basic, Emulated.form], body: body + "&Foo=1")
            #expect(unknown.status == 400 && unknown.body.contains("Foo"))
            let few = try await emulated.client.send(
                "POST", "/sms/Accounts/AC1/Messages.json", headers: [basic, Emulated.form],
                body: "To=1&Body=2&Attempt=0")
            #expect(few.status == 400, "\(few.body)")
        }
    }

    @Test func `paths and queries are read, and a fixed path goes before one with holes`() async throws {
        try await Emulated.run { emulated in
            let key = ("X-Key", "k")
            let read = try await emulated.client.send(
                "GET", "/crm/contacts/17?properties=email%2Cname&archived=false", headers: [key])
            #expect(read.status == 200)
            let record = try #require(emulated.recorder.requests(after: 0).first)
            #expect(record.operation == "getContact")
            #expect(record.input == ["id": 17, "properties": "email,name"])
            #expect(record.headers.first("X-Key") == "***")

            let search = try await emulated.client.send(
                "POST", "/crm/contacts/search", headers: [key, Emulated.json],
                body: #"{"filters":[{"name":"email","operator":"EQ","value":"a@b.co"}],"note":"find a@b.co please"}"#)
            #expect(search.status == 200, "\(search.body)")
            #expect(emulated.recorder.requests(after: 1).first?.input == ["email": "a@b.co"])

            for (method, target, status) in [
                ("GET", "/crm/contacts/17?archived=true", 400), ("GET", "/crm/contacts/abc?archived=false", 400),
                ("DELETE", "/crm/contacts/17", 405), ("GET", "/crm/nothing", 404), ("GET", "/unknown/x", 404),
            ] {
                let answer = try await emulated.client.send(method, target, headers: [key])
                #expect(answer.status == status, "\(method) \(target)")
            }
            let twice = try await emulated.client.send(
                "POST", "/crm/contacts/search", headers: [key, Emulated.json],
                body: #"{"filters":[{"name":"email","operator":"EQ","value":"a@b.co"}],"note":"find x please"}"#)
            #expect(twice.status == 400)
        }
    }

    @Test func `an idempotency key is answered again and applied once`() async throws {
        try await Emulated.run { emulated in
            for _ in 0..<2 {
                let answer = try await emulated.client.send(
                    "POST", "/crm/charges",
                    headers: [("X-Key", "k"), Emulated.json, ("Idempotency-Key", "a"), ("Grapnel-Effect", "e")],
                    body: #"{"amount":1.5}"#)
                #expect(answer.status == 200)
            }
            #expect(emulated.recorder.totals == totals(received: 2, applied: 1))
            #expect(emulated.recorder.effects["e"]?.received == 2)
        }
    }

    @Test func `without bodies only the facts are kept`() async throws {
        try await Emulated.run(recordBodies: false) { emulated in
            _ = try await emulated.client.send(
                "POST", "/crm/charges", headers: [("X-Key", "k"), Emulated.json, ("Grapnel-Effect", "e")],
                body: #"{"amount":1}"#)
            let record = try #require(emulated.recorder.requests(after: 0).first)
            #expect(record.body.isEmpty && record.input == nil && record.headers.fields.isEmpty)
            #expect(record.effectKey == "e" && record.isApplied)
        }
    }

    private func totals(received: Int, applied: Int) -> RecordedTotals {
        var totals = RecordedTotals()
        totals.received = received
        totals.applied = applied
        return totals
    }
}
