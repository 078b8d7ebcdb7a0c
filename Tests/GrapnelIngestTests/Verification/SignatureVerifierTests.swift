import GrapnelCore
import GrapnelCrypto
import GrapnelFormat
import GrapnelIngest
import Testing

@Suite struct SignatureVerifierTests {
    static let now = Timestamp(milliseconds: 1_767_603_600_000)

    /// Signs `body` as Slack does, a number of milliseconds from now.
    private func slack(offset: Int64 = 0) throws -> (InboundRequest, SignatureVerifier) {
        let schemes = try ShippedProvider.load("slack").verify
        let request = InboundRequest(
            method: "POST", url: "https://hub.example.com/hooks/slack", query: "",
            headers: HeaderFields([("Content-Type", "application/json")]), body: Array(#"{"type":"x"}"#.utf8),
            peer: "192.0.2.1", receivedAt: Self.now)
        let scheme = try #require(schemes.first)
        let at = Timestamp(milliseconds: Self.now.milliseconds + offset)
        let verifier = SignatureVerifier(schemes: schemes, secrets: [SourceSecret(name: "A", value: "key-a")])
        return (try scheme.signed(request, secret: "key-a", now: at), verifier)
    }

    private func outcome(_ change: (inout InboundRequest) -> Void) throws -> VerificationOutcome {
        var (request, verifier) = try slack()
        change(&request)
        return verifier.verify(request, now: Self.now)
    }

    // MARK: What is missing, doubled or malformed

    @Test func `a request without a signature, or with an empty one, is refused as such`() throws {
        #expect(try outcome { $0.headers.remove("X-Slack-Signature") } == .rejected(.missingSignature))
        #expect(try outcome { $0.headers.set("X-Slack-Signature", "") } == .rejected(.missingSignature))
        #expect(try outcome { $0.headers.remove("X-Slack-Request-Timestamp") } == .rejected(.missingTimestamp))
        #expect(try outcome { $0.headers.set("X-Slack-Request-Timestamp", "") } == .rejected(.missingTimestamp))
    }

    @Test func `a doubled signature or time is refused, also where both are right`() throws {
        let (signed, _) = try slack()
        let signature = try #require(signed.headers.first("X-Slack-Signature"))
        let time = try #require(signed.headers.first("X-Slack-Request-Timestamp"))
        #expect(try outcome { $0.headers.append("x-slack-signature", signature) } == .rejected(.repeatedSignature))
        #expect(
            try outcome { $0.headers.append("X-SLACK-REQUEST-TIMESTAMP", time) } == .rejected(.malformedTimestamp))
    }

    @Test(arguments: [
        "v0=", "v0=zz", "v0=abc", "v1=00", "00", "v0 =00", " ", "v0=00 ", String(repeating: "v0=00", count: 2000),
    ])
    func `a signature that is none is refused as malformed`(text: String) throws {
        #expect(try outcome { $0.headers.set("X-Slack-Signature", text) } == .rejected(.malformedSignature))
    }

    @Test(arguments: [
        "-1", "+1767603600", "1767603600.0", "0x696b", "1000000000000000000", "99999999999999999999999",
        "١٧٦٧٦٠٣٦٠٠", "1767603600 ", " 1767603600", "now", "1e9", "2026-01-05T09:00:00Z",
    ])
    func `a time that is none is refused as malformed`(text: String) throws {
        #expect(try outcome { $0.headers.set("X-Slack-Request-Timestamp", text) } == .rejected(.malformedTimestamp))
    }

    @Test(
        arguments: [
            (-299_000, nil), (-300_000, nil), (-301_000, .staleTimestamp), (-86_400_000, .staleTimestamp), (0, nil),
            (299_000, nil), (300_000, nil), (301_000, .futureTimestamp), (86_400_000, .futureTimestamp),
        ] as [(Int64, RejectionKind?)])
    func `a request may be five minutes old, and as much ahead`(offset: Int64, kind: RejectionKind?) throws {
        let (request, verifier) = try slack(offset: offset)
        let outcome = verifier.verify(request, now: Self.now)
        if let kind {
            #expect(outcome == .rejected(kind))
        } else {
            guard case .accepted = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
    }

    // MARK: Secrets

    @Test func `any of several secrets may match, and the one that did is named`() throws {
        let (request, _) = try slack()
        let schemes = try ShippedProvider.load("slack").verify
        let new = SourceSecret(name: "NEW", value: "key-b")
        let old = SourceSecret(name: "OLD", value: "key-a")
        for secrets in [[new, old], [old, new], [old]] {
            let verifier = SignatureVerifier(schemes: schemes, secrets: secrets)
            #expect(
                verifier.verify(request, now: Self.now)
                    == .accepted(Verdict(scheme: "v0", secretName: "OLD", secretVersion: old.version)))
        }
        let rotated = SignatureVerifier(schemes: schemes, secrets: [new])
        #expect(rotated.verify(request, now: Self.now) == .rejected(.wrongSignature))
        #expect(new.version != old.version)
    }

    @Test func `without a usable secret nothing is accepted, whatever is signed with nothing`() throws {
        let scheme = try #require(try ShippedProvider.load("github").verify.first)
        let body = Array("{}".utf8)
        let empty = "sha256=" + Hex.encode(HMACSignature.sign(body, key: [], algorithm: .sha256))
        let request = InboundRequest(
            method: "POST", url: "https://hub.example.com/hooks/github", query: "",
            headers: HeaderFields([("X-Hub-Signature-256", empty)]), body: body, peer: "", receivedAt: Self.now)
        for secrets in [[], [SourceSecret(name: "EMPTY", value: "")]] {
            let verifier = SignatureVerifier(schemes: [scheme], secrets: secrets)
            #expect(verifier.verify(request, now: Self.now) == .rejected(.noActiveSecret))
        }
    }

    @Test func `a secret's value is in no description of it`() {
        let secret = SourceSecret(name: "NAME", value: "hunter2")
        #expect("\(secret)" == "NAME")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(!String(reflecting: [secret]).contains("hunter2"))
    }

    // MARK: Several schemes

    @Test func `a weaker scheme is taken only by name`() throws {
        let provider = try ShippedProvider.load("github")
        let sha1 = try #require(ShippedProvider.vectors.first { $0.provider == "github" && $0.scheme.name == "sha1" })
        func outcome(_ names: [String]) -> VerificationOutcome {
            let source = SourceConfiguration(name: "github", provider: "github", schemes: names)
            let secret = SourceSecret(name: "S", value: sha1.vector.secret)
            return SignatureVerifier(schemes: provider.schemes(for: source), secrets: [secret])
                .verify(sha1.request, now: Self.now)
        }
        #expect(outcome([]) == .rejected(.missingSignature))
        #expect(outcome(["sha256"]) == .rejected(.missingSignature))
        guard case .accepted(let verdict) = outcome(["sha256", "sha1"]) else {
            Issue.record("sha1 was asked for by name")
            return
        }
        #expect(verdict.scheme == "sha1")
    }

    @Test func `a wrong strong signature is not saved by a right weak one`() throws {
        let provider = try ShippedProvider.load("github")
        let sha1 = try #require(ShippedProvider.vectors.first { $0.provider == "github" && $0.scheme.name == "sha1" })
        var request = sha1.request
        request.headers.set("X-Hub-Signature-256", "sha256=" + String(repeating: "0", count: 64))
        let verifier = SignatureVerifier(
            schemes: provider.verify, secrets: [SourceSecret(name: "S", value: sha1.vector.secret)])
        #expect(verifier.verify(request, now: Self.now) == .rejected(.wrongSignature))
    }

    @Test func `one field with signatures of two schemes is checked with the key there is`() throws {
        let schemes = try ShippedProvider.load("standard-webhooks").verify
        let vectors = ShippedProvider.vectors.filter { $0.provider == "standard-webhooks" }
        let symmetric = try #require(vectors.first { $0.scheme.name == "v1" })
        let asymmetric = try #require(vectors.first { $0.scheme.name == "v1a" })
        var request = symmetric.request
        let both = [symmetric, asymmetric].compactMap { $0.vector.headers.first("webhook-signature") }
        request.headers.set("webhook-signature", both.joined(separator: " "))
        for vector in [symmetric, asymmetric] {
            let verifier = SignatureVerifier(
                schemes: schemes, secrets: [SourceSecret(name: "KEY", value: vector.vector.secret)])
            guard case .accepted(let verdict) = verifier.verify(request, now: vector.now) else {
                Issue.record("\(verifier.verify(request, now: vector.now))")
                continue
            }
            #expect(verdict.scheme == vector.scheme.name)
        }
    }

    @Test func `a field with too many signatures is refused`() throws {
        let vector = try #require(
            ShippedProvider.vectors.first { $0.provider == "standard-webhooks" && $0.hasOneSignature })
        let right = try #require(vector.vector.headers.first("webhook-signature"))
        func outcome(_ count: Int) -> VerificationOutcome {
            let wrong = Array(repeating: "v1,AAAA", count: count - 1)
            return vector.outcome {
                $0.headers.set("webhook-signature", (wrong + [right]).joined(separator: " "))
            }
        }
        guard case .accepted = outcome(SignatureVerifier.maximumSignatures) else {
            Issue.record("refused at the limit")
            return
        }
        #expect(outcome(SignatureVerifier.maximumSignatures + 1) == .rejected(.malformedSignature))
    }

    @Test func `an id cannot take over the time that is signed after it`() throws {
        let scheme = try #require(try ShippedProvider.load("standard-webhooks").verify.first)
        let secret = "whsec_" + Base64.encode(Array("a key of some length".utf8))
        let verifier = SignatureVerifier(schemes: [scheme], secrets: [SourceSecret(name: "S", value: secret)])
        let seconds = Self.now.milliseconds / 1000
        var request = InboundRequest(
            method: "POST", url: "https://hub.example.com/hooks/a", query: "",
            headers: HeaderFields([("webhook-id", "msg")]), body: Array("\(seconds).payload".utf8), peer: "",
            receivedAt: Self.now)
        request = try scheme.signed(request, secret: secret, now: Self.now)
        guard case .accepted = verifier.verify(request, now: Self.now) else {
            Issue.record("the honest request is refused")
            return
        }
        // The same signed bytes, cut elsewhere.
        request.headers.set("webhook-id", "msg.\(seconds)")
        request.body = Array("payload".utf8)
        #expect(verifier.verify(request, now: Self.now) == .rejected(.malformedSignature))
    }
}
