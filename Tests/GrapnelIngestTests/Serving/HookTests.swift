import GrapnelCore
import GrapnelCrypto
import GrapnelIngest
import GrapnelQueue
import TestSupport
import Testing

/// What a vendor hears, and what is then on disk.
@Suite struct HookTests {
    @Test func `a signed event is stored before it is acknowledged`() async throws {
        try await IngestBench.with { bench async throws in
            let body = #"{"ref":"refs/heads/main"}"#
            let answer = try await bench.send("POST", "/hooks/github", IngestBench.github(body), body: body)
            #expect(answer.status == 202)
            let event = try #require(try await bench.events().first)
            #expect(answer.json == ["event": .string(event.id.description)])
            #expect(event.type == "push")
            #expect(event.deliveryID == "d1")
            #expect(event.raw == Array(body.utf8))
            let stored = try #require(try await bench.queue.event(event.id))
            #expect(stored.verdict.scheme == "sha256")
            #expect(stored.verdict.secretName == "SECRET")
            #expect(event.receivedAt == bench.clock.now())
        }
    }

    @Test func `a run that has a place starts with its event`() async throws {
        let version = RecipeVersion(String(repeating: "a", count: 64))
        let recipes = ScriptedRecipes(matching: { event in
            event.type == "push" ? [RecipeMatch(recipe: "builds", version: version)] : []
        })
        try await IngestBench.with(recipes: recipes) { bench async throws in
            _ = try await bench.send("POST", "/hooks/github", IngestBench.github("{}"), body: "{}")
            _ = try await bench.send(
                "POST", "/hooks/github", IngestBench.github("{}", delivery: "d2", type: "ping"), body: "{}")
            #expect(recipes.started.map(\.run.recipe) == ["builds"])
            #expect(try await bench.queue.runs(of: recipes.started[0].event.id).first?.state == .leased)
        }
    }

    @Test func `a run that may not start yet holds no place`() async throws {
        let version = RecipeVersion(String(repeating: "a", count: 64))
        let recipes = ScriptedRecipes(matching: { _ in
            [
                RecipeMatch(recipe: "ordered", version: version, flow: RunFlow(lane: .init(key: "one"))),
                RecipeMatch(recipe: "delayed", version: version, flow: RunFlow(delay: .seconds(30))),
                RecipeMatch(
                    recipe: "quiet", version: version,
                    flow: RunFlow(gathering: .debounce(key: "", quiet: .seconds(5), atMost: nil))),
            ]
        })
        try await IngestBench.with(recipes: recipes) { bench async throws in
            for delivery in ["d1", "d2", "d3"] {
                _ = try await bench.send(
                    "POST", "/hooks/github", IngestBench.github("{}", delivery: delivery), body: "{}")
            }
            #expect(recipes.started.map(\.run.recipe) == ["ordered"])
            #expect(recipes.reserved == (now: 0, ever: 3))
        }
    }

    @Test func `a delivery that comes again is acknowledged and not stored again`() async throws {
        try await IngestBench.with { bench async throws in
            let first = try await bench.send("POST", "/hooks/github", IngestBench.github("{}"), body: "{}")
            let again = try await bench.send("POST", "/hooks/github", IngestBench.github("{}"), body: "{}")
            #expect(again.status == first.status)
            #expect(again.json == first.json)
            #expect(try await bench.events().count == 1)
        }
    }

    @Test func `the same delivery with another body is kept apart`() async throws {
        let recipes = ScriptedRecipes(matching: { _ in
            [RecipeMatch(recipe: "builds", version: RecipeVersion(String(repeating: "a", count: 64)))]
        })
        try await IngestBench.with(recipes: recipes) { bench async throws in
            _ = try await bench.send("POST", "/hooks/github", IngestBench.github("{}"), body: "{}")
            let other = #"{"other":true}"#
            let answer = try await bench.send("POST", "/hooks/github", IngestBench.github(other), body: other)
            #expect(answer.status == 202)
            let events = try await bench.events()
            #expect(events.count == 2)
            #expect(events.first?.conflictOf == events.last?.id)
            #expect(recipes.started.count == 1, "a person looks at it first")
        }
    }

    @Test func `a batch becomes an event for each of its elements`() async throws {
        try await IngestBench.with(settings: "public_url: https://hub.example.com\n") { bench async throws in
            let body =
                #"[{"eventId":1,"subscriptionType":"contact.creation","objectId":7,"occurredAt":1},"#
                + #"{"eventId":2,"subscriptionType":"contact.deletion","objectId":8,"occurredAt":2}]"#
            let time = "\(bench.clock.now().milliseconds)"
            let signed = "POSThttps://hub.example.com/hooks/crm" + body + time
            let signature = HMACSignature.sign(
                Array(signed.utf8), key: Array(IngestBench.secret.utf8), algorithm: .sha256)
            let answer = try await bench.send(
                "POST", "/hooks/crm",
                [
                    ("Content-Type", "application/json"), ("X-HubSpot-Signature-v3", Base64.encode(signature)),
                    ("X-HubSpot-Request-Timestamp", time),
                ], body: body)
            #expect(answer.status == 202, "\(answer.text)")
            #expect(answer.json?["events"]?.array?.count == 2)
            let events = try await bench.events()
            #expect(Set(events.map(\.type)) == ["contact.creation", "contact.deletion"])
            #expect(try await bench.queue.requests(RequestQuery()).count == 1)
        }
    }

    @Test(arguments: ["https://hub.example.com/hooks/sms", "https://hub.example.com:443/hooks/sms"])
    func `Twilio's form is verified on the URL that it knows, with or without its port`(url: String) async throws {
        let settings = "public_url: https://hub.example.com\n"
        try await IngestBench.with(settings: settings) { bench async throws in
            let signed = url + "BodyhelloMediaUrl1MediaUrl2"
            let signature = HMACSignature.sign(
                Array(signed.utf8), key: Array(IngestBench.secret.utf8), algorithm: .sha1)
            let answer = try await bench.send(
                "POST", "/hooks/sms",
                [
                    ("Content-Type", "application/x-www-form-urlencoded"),
                    ("X-Twilio-Signature", Base64.encode(signature)),
                ], body: "Media=Url2&Body=hello&Media=Url1")
            #expect(answer.status == 200 || answer.status == 202, "\(answer.text)")
            #expect(try await bench.events().count == 1)
        }
    }

    @Test func `a proxy's word about the URL counts only when the proxy is trusted`() async throws {
        let signed = "https://hub.example.com/hooks/smsBodyhello"
        let signature = HMACSignature.sign(Array(signed.utf8), key: Array(IngestBench.secret.utf8), algorithm: .sha1)
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"), ("X-Twilio-Signature", Base64.encode(signature)),
            ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "hub.example.com"), ("X-Forwarded-For", "203.0.113.9"),
        ]
        try await IngestBench.with { bench async throws in
            #expect(try await bench.send("POST", "/hooks/sms", headers, body: "Body=hello").status == 401)
        }
        try await IngestBench.with(settings: "trusted_proxies: [127.0.0.0/8]\n") { bench async throws in
            #expect(try await bench.send("POST", "/hooks/sms", headers, body: "Body=hello").status < 300)
            let request = try await bench.queue.requests(RequestQuery()).first
            #expect(request?.request.peer == "203.0.113.9")
        }
    }

    @Test func `Slack's handshake is answered and is no event`() async throws {
        try await IngestBench.with { bench async throws in
            let body =
                #"{"type":"url_verification","token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#
            let time = "\(bench.clock.now().milliseconds / 1000)"
            let signature = HMACSignature.sign(
                Array("v0:\(time):\(body)".utf8), key: Array(IngestBench.secret.utf8), algorithm: .sha256)
            let answer = try await bench.send(
                "POST", "/hooks/slack",
                [
                    ("Content-Type", "application/json"), ("X-Slack-Request-Timestamp", time),
                    ("X-Slack-Signature", "v0=\(Hex.encode(signature))"),
                ], body: body)
            #expect(answer.status == 200)
            #expect(answer.text.contains("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"))
            #expect(try await bench.events().isEmpty)
        }
    }

    @Test func `a shared key is taken in its header or in the path`() async throws {
        try await IngestBench.with { bench async throws in
            let key = IngestBench.secret
            #expect(try await bench.send("POST", "/hooks/shared", [("X-API-Key", key)], body: "{}").status == 202)
            #expect(try await bench.send("POST", "/hooks/inpath/\(key)", body: #"{"n":2}"#).status == 202)
            #expect(try await bench.send("POST", "/hooks/inpath/wrong", body: "{}").status == 401)
            #expect(try await bench.send("POST", "/hooks/shared", body: "{}").status == 401)
            #expect(try await bench.send("POST", "/hooks/open", body: "{}").status == 202)
            #expect(try await bench.send("POST", "/hooks/open/more", body: "{}").status == 404)
        }
    }

    @Test func `a shared key is stored nowhere`() async throws {
        try await IngestBench.with { bench async throws in
            let key = IngestBench.secret
            _ = try await bench.send("POST", "/hooks/shared?x=1", [("X-API-Key", key)], body: "{}")
            _ = try await bench.send("POST", "/hooks/inpath/\(key)?x=2", body: #"{"n":2}"#)
            _ = try await bench.send("POST", "/hooks/inpath/\(key)x?x=3", body: #"{"n":3}"#)
            _ = try await bench.send("POST", "/hooks/inquery?x=4&token=\(key)&y=5", body: #"{"n":4}"#)
            let events = try await bench.events()
            #expect(events.count == 3)
            let requests = try await bench.queue.requests(RequestQuery()).map(\.request)
            let rejected = try await bench.queue.rejections(RequestQuery()).map(\.request)
            for request in requests + rejected {
                #expect(!"\(request)".contains(key), "\(request)")
            }
            for event in events { #expect(!"\(event.headers) \(event.query)".contains(key)) }
            #expect(requests.map(\.url).contains { $0.hasSuffix("/hooks/inpath/[redacted]?x=2") })
            #expect(requests.map(\.url).contains { $0.hasSuffix("/hooks/inquery?x=4&token=[redacted]&y=5") })
            #expect(requests.map(\.query).contains("x=4&token=[redacted]&y=5"))
            #expect(events.last?.headers.first("X-API-Key") == "[redacted]")
            #expect(rejected.map(\.url).allSatisfy { $0.hasSuffix("/hooks/inpath/[redacted]?x=3") })
        }
    }

    @Test func `a sender that asks first is told to go on, or why not`() async throws {
        try await IngestBench.with { bench async throws in
            let asking = [("Expect", "100-continue")]
            #expect(try await bench.send("POST", "/hooks/open", asking, body: "{}").status == 100)
            let large = String(repeating: "x", count: 2000)
            #expect(try await bench.send("POST", "/hooks/small", asking, body: large).status == 413)
            #expect(try await bench.send("POST", "/hooks/nowhere", asking, body: "{}").status == 404)
        }
    }

    @Test func `a delivery in conflict does not wait for a reply that cannot come`() async throws {
        try await IngestBench.with(recipes: .answering { HTTPReply(status: 200, body: Array("now".utf8)) }) {
            bench async throws in
            let first = try await bench.send("POST", "/hooks/github", IngestBench.github("{}"), body: "{}")
            #expect(first.text == "now")
            let other = #"{"n":1}"#
            let second = try await bench.send("POST", "/hooks/github", IngestBench.github(other), body: other)
            #expect(second.text == "later")
        }
    }

    @Test func `a shutdown does not wait for a request that does not come`() async throws {
        try await IngestBench.with { bench async throws in
            let head = "POST /hooks/open HTTP/1.1\r\nHost: hub\r\nContent-Length: 200\r\n\r\n{"
            async let answer = RawHTTP.exchange(bench.address, Array(head.utf8))
            // The time that a shutdown waits passes only when it has begun to wait.
            try await Patience.until { bench.server.readingCount > 0 }
            await bench.shutDown()
            try await Patience.until { bench.clock.sleeperCount > 0 }
            bench.clock.advance(by: .seconds(3))
            let status = (try? await answer)?.status
            #expect(status == nil || status == 400)
            #expect(try await bench.events().isEmpty)
        }
    }

    @Test func `a recipe answers the vendor, and the declared answer goes when it is late`() async throws {
        let reply = HTTPReply(
            status: 201, headers: HeaderFields([("content-type", "text/xml")]), body: Array("<a/>".utf8))
        try await IngestBench.with(recipes: .answering { reply }) { bench async throws in
            let answer = try await bench.send("POST", "/hooks/open", body: "{}")
            #expect(answer.status == 201)
            #expect(answer.text == "<a/>")
            #expect(answer.headers.first("Content-Type") == "text/xml")
        }
        try await IngestBench.with(recipes: .answering { nil }) { bench async throws in
            let answer = try await bench.send("POST", "/hooks/open", body: "{}")
            #expect(answer.text == "later")
            #expect(try await bench.events().count == 1)
        }
    }

    @Test func `what cannot be stored is not acknowledged`() async throws {
        try await IngestBench.with { bench async throws in
            await bench.closeQueue()
            var answer = try await bench.send("POST", "/hooks/open", body: "{}")
            // The queue closes when what it has is written.
            for number in 0..<1000 where answer.status == 202 {
                answer = try await bench.send("POST", "/hooks/open", body: "{\"n\":\(number)}")
            }
            #expect(answer.status == 503)
            #expect(answer.headers.first("Retry-After") == "1")
            #expect(answer.json?["kind"] == "unavailable")
        }
    }

    @Test func `a request under way is answered when the hub shuts down`() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let recipes = ScriptedRecipes.answering {
            ask.yield()
            for await _ in gates { break }
            return HTTPReply(status: 200, body: Array("in time".utf8))
        }
        try await IngestBench.with(recipes: recipes) { bench async throws in
            async let answer = bench.send("POST", "/hooks/open", body: "{}")
            for await _ in asked { break }
            await bench.shutDown()
            gate.yield()
            #expect(try await answer.text == "in time")
        }
    }

    @Test func `other sources are taken on without a restart`() async throws {
        try await IngestBench.with { bench async throws in
            #expect(try await bench.send("POST", "/hooks/open", body: "{}").status == 202)
            bench.server.replace(sources: [], trustedProxies: [])
            #expect(try await bench.send("POST", "/hooks/open", body: "{}").status == 404)
        }
    }
}
