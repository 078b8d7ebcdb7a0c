import GrapnelCore
import GrapnelCrypto
import GrapnelFormat
import GrapnelIngest
import Testing

/// What vendors do that the shipped providers do not all show.
@Suite struct SignatureShapeTests {
    static let now = Timestamp(milliseconds: 1_767_603_600_000)

    private func request(
        _ url: String = "https://hub.example.com/hooks/a", headers: [(String, String)] = [], body: String = ""
    ) -> InboundRequest {
        let query = url.firstIndex(of: "?").map { String(url[url.index(after: $0)...]) } ?? ""
        return InboundRequest(
            method: "POST", url: url, query: query, headers: HeaderFields(headers), body: Array(body.utf8), peer: "",
            receivedAt: Self.now)
    }

    private func outcome(_ scheme: SignatureScheme, _ secret: String, _ request: InboundRequest) -> VerificationOutcome
    {
        SignatureVerifier(schemes: [scheme], secrets: [SourceSecret(name: "S", value: secret)])
            .verify(request, now: Self.now)
    }

    private func isAccepted(_ outcome: VerificationOutcome) -> Bool {
        if case .accepted = outcome { true } else { false }
    }

    @Test func `Twilio's URL is tried with and without its port`() {
        let vectors = ShippedProvider.vectors.filter { $0.provider == "twilio" && $0.scheme.name == "form" }
        let (bare, https, other) = (vectors[0], vectors[2], vectors[4])
        // The hub knows the URL with the standard port, or without it; Twilio signs either.
        #expect(isAccepted(bare.outcome { $0.url = https.vector.url }))
        #expect(isAccepted(https.outcome { $0.url = bare.vector.url }))
        // A port of its own is part of the URL.
        #expect(!isAccepted(other.outcome { $0.url = "http://mycompany.com/myapp.php?foo=1&bar=2" }))
        #expect(!isAccepted(other.outcome { $0.url = "http://mycompany.com:1235/myapp.php?foo=1&bar=2" }))
    }

    @Test func `a JSON body of Twilio needs its digest in the URL`() throws {
        let vector = try #require(ShippedProvider.vectors.first { $0.scheme.name == "json" })
        #expect(vector.outcome { $0.body.append(0x20) } == .rejected(.bodyDigestMismatch))
        let scheme = vector.scheme
        let bare = request("https://mycompany.com/hook", headers: [("Content-Type", "application/json")], body: "{}")
        // What Twilio signs for a GET, sent with a body that nobody signed.
        let signature = HMACSignature.sign(Array(bare.url.utf8), key: Array("12345".utf8), algorithm: .sha1)
        var forged = bare
        forged.headers.set("X-Twilio-Signature", Base64.encode(signature))
        #expect(outcome(scheme, "12345", forged) == .rejected(.missingPart))
    }

    @Test func `a form of Twilio does not pass as JSON nor JSON as a form`() throws {
        let provider = try ShippedProvider.load("twilio")
        let verifier = SignatureVerifier(
            schemes: provider.verify, secrets: [SourceSecret(name: "S", value: "12345")])
        for vector in ShippedProvider.vectors where vector.provider == "twilio" {
            var request = vector.request
            let isForm = vector.scheme.name == "form"
            request.headers.set("Content-Type", isForm ? "application/json" : "application/x-www-form-urlencoded")
            #expect(!isAccepted(verifier.verify(request, now: Self.now)))
        }
    }

    @Test func `a shared key stands in a header, a parameter or the path`() throws {
        let header = try #require(
            try ProviderDefinition.key(options: ["header": "X-Key", "prefix": "Bearer "]).verify.first)
        #expect(isAccepted(outcome(header, "k1", request(key: "Bearer k1"))))
        #expect(outcome(header, "k1", request(key: "Bearer k2")) == .rejected(.wrongKey))
        #expect(outcome(header, "k1", request(key: "k1")) == .rejected(.malformedSignature))
        #expect(outcome(header, "k1", request()) == .rejected(.missingSignature))

        let query = try #require(try ProviderDefinition.key(options: ["query": "key"]).verify.first)
        #expect(isAccepted(outcome(query, "k 1", request("https://a.example/hooks/a?key=k%201"))))
        #expect(
            outcome(query, "k1", request("https://a.example/hooks/a?key=k1&key=k1")) == .rejected(.repeatedSignature))

        let path = try #require(try ProviderDefinition.key(options: ["path": true]).verify.first)
        #expect(isAccepted(outcome(path, "k1", request("https://a.example/hooks/a/k1?x=/y"))))
        #expect(outcome(path, "k1", request("https://a.example/hooks/a/k")) == .rejected(.wrongKey))
        #expect(outcome(path, "k1", request("https://a.example/hooks/a/")) == .rejected(.missingSignature))
        let signed = try path.signed(request("https://a.example/hooks/a?x=1"), secret: "k1", now: Self.now)
        #expect(signed.url == "https://a.example/hooks/a/k1?x=1")
    }

    private func request(key: String) -> InboundRequest {
        request(headers: [("X-Key", key)])
    }

    @Test func `user and password are the secret`() throws {
        let scheme = SignatureScheme(
            name: "basic", signature: SignatureLocation(source: .basic, encoding: .base64), algorithm: .basic,
            signs: nil)
        let signed = try scheme.signed(request(), secret: "user:pass", now: Self.now)
        #expect(signed.headers.first("Authorization") == "Basic dXNlcjpwYXNz")
        #expect(isAccepted(outcome(scheme, "user:pass", signed)))
        #expect(outcome(scheme, "user:other", signed) == .rejected(.wrongKey))
        #expect(isAccepted(outcome(scheme, "user:pass", request(headers: [("authorization", "basic dXNlcjpwYXNz")]))))
        for text in ["Bearer x", "Basic"] {
            let other = request(headers: [("Authorization", text)])
            #expect(outcome(scheme, "user:pass", other) == .rejected(.missingSignature))
        }
    }

    @Test func `a signature in the body is checked with the time beside it`() throws {
        let scheme = SignatureScheme(
            name: "mailgun",
            signature: SignatureLocation(source: .body(try PathExpression("body.signature.signature"))),
            timestamp: SignatureTimestamp(source: .body(try PathExpression("body.signature.timestamp"))),
            algorithm: .hmacSHA256, signs: try Template("{body.signature.timestamp}{body.signature.token}"))
        let time = Self.now.milliseconds / 1000
        let signature = Hex.encode(
            HMACSignature.sign(Array("\(time)token".utf8), key: Array("k".utf8), algorithm: .sha256))
        func sent(_ time: Int64, _ token: String) -> InboundRequest {
            request(
                headers: [("Content-Type", "application/json")],
                body: #"{"signature":{"timestamp":"\#(time)","token":"\#(token)","signature":"\#(signature)"}}"#)
        }
        #expect(isAccepted(outcome(scheme, "k", sent(time, "token"))))
        #expect(outcome(scheme, "k", sent(time, "other")) == .rejected(.wrongSignature))
        #expect(outcome(scheme, "k", sent(time - 301, "token")) == .rejected(.staleTimestamp))
        #expect(outcome(scheme, "k", request(body: "{}")) == .rejected(.missingSignature))
    }

    /// The vector in the tests of SendGrid's own library.
    @Test func `a public key in SPKI checks an ecdsa signature`() throws {
        let key =
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpigl"
            + "SI8eNEc6wEA3F+g=="
        let scheme = SignatureScheme(
            name: "sendgrid",
            signature: SignatureLocation(source: .header("X-Twilio-Email-Event-Webhook-Signature"), encoding: .base64),
            timestamp: SignatureTimestamp(
                source: .header("X-Twilio-Email-Event-Webhook-Timestamp"), tolerance: .seconds(1_000_000_000)),
            algorithm: .ecdsaP256, key: SignatureKey(encoding: .spkiBase64), signs: try Template("{timestamp}{raw}"))
        let body =
            #"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","#
            + #""sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","#
            + #""sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","#
            + #""smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"# + "\r\n"
        let sent = request(
            headers: [
                (
                    "X-Twilio-Email-Event-Webhook-Signature",
                    "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
                ), ("X-Twilio-Email-Event-Webhook-Timestamp", "1600112502"),
            ], body: body)
        #expect(isAccepted(outcome(scheme, key, sent)))
        let pem = "-----BEGIN PUBLIC KEY-----\n\(key.prefix(64))\n\(key.dropFirst(64))\n-----END PUBLIC KEY-----\n"
        #expect(isAccepted(outcome(scheme, pem, sent)))
        #expect(outcome(scheme, "no key", sent) == .rejected(.noActiveSecret))
        var other = sent
        other.body.removeLast()
        #expect(outcome(scheme, key, other) == .rejected(.wrongSignature))
    }

    /// The vector of convoy's advanced signatures.
    @Test func `options read pairs in one field`() throws {
        let provider = try ProviderDefinition.genericHMAC(options: [
            "header": "X-Convoy-Signature", "pairs": ",", "value": "v1", "signs": "{timestamp},{raw}",
            "timestamp": ["pair": "t", "tolerance": "5m"],
        ])
        let scheme = try #require(provider.verify.first)
        let signature = "t=1700000000,v1=77b8b9269f25a199846a55a2bd25b3fba151c70fdae60bb1dcd87fbbc943c55c"
        let sent = request(
            headers: [("X-Convoy-Signature", signature)],
            body: #"{"event":"charge.success","amount":1000,"currency":"NGN"}"#)
        let verifier = SignatureVerifier(
            schemes: [scheme], secrets: [SourceSecret(name: "S", value: "convoy-webhook-secret")])
        let then = Timestamp(milliseconds: 1_700_000_000_000)
        #expect(isAccepted(verifier.verify(sent, now: then)))
        #expect(verifier.verify(sent, now: Self.now) == .rejected(.staleTimestamp))
        for text in ["t=1700000000", "v0=77", "t=1700000000,v1", "t,v1"] {
            var other = sent
            other.headers.set("X-Convoy-Signature", text)
            #expect(verifier.verify(other, now: then) == .rejected(.malformedSignature))
        }
        var other = sent
        other.headers.set("X-Convoy-Signature", signature + ",t=1700000001")
        #expect(verifier.verify(other, now: then) == .rejected(.malformedTimestamp))
        other.headers.set("X-Convoy-Signature", String(signature.dropFirst(13)))
        #expect(verifier.verify(other, now: then) == .rejected(.missingTimestamp))
    }

    @Test func `options put a keyed hash together`() throws {
        let provider = try ProviderDefinition.genericHMAC(options: [
            "header": "X-Partner", "prefix": "sha512=", "encoding": "base64", "algorithm": "hmac-sha512",
            "signs": "{timestamp}|{raw}", "timestamp": ["header": "X-Time", "unit": "rfc3339", "tolerance": "1m"],
            "id": "{headers.X-Delivery}", "type": "{body.kind}", "strip": "sec_", "key": "hex",
        ])
        let scheme = try #require(provider.verify.first)
        let secret = "sec_00112233"
        let signed = try scheme.signed(request(body: "{}"), secret: secret, now: Self.now)
        #expect(signed.headers.first("X-Time") == "2026-01-05T09:00:00.000Z")
        let expected = HMACSignature.sign(
            Array("2026-01-05T09:00:00.000Z|{}".utf8), key: [0, 0x11, 0x22, 0x33], algorithm: .sha512)
        #expect(signed.headers.first("X-Partner") == "sha512=" + Base64.encode(expected))
        #expect(isAccepted(outcome(scheme, secret, signed)))
        let late = try scheme.signed(request(body: "{}"), secret: secret, now: Self.now - .seconds(61))
        #expect(outcome(scheme, secret, late) == .rejected(.staleTimestamp))
    }
}
