import GrapnelCore
import GrapnelCrypto
import GrapnelFormat
import Testing

@Suite struct ProviderDefinitionTests {
    private func decode(_ text: String) throws -> ProviderDefinition {
        try ProviderDefinition.decode(yaml: text, id: "acme", file: "connectors/acme/provider.yaml")
    }

    private func messages(_ text: String) -> [String] {
        let errors = #expect(throws: FormatErrors.self) { try decode(text) }
        return (errors?.errors ?? []).map { "\($0.position?.line ?? 0): \($0.message)" }
    }

    @Test func `everything in a provider's file is read`() throws {
        let provider = try decode(
            """
            name: Acme
            docs: https://acme.example/docs
            verify:
              scheme: v2
              weaker: true
              when: { headers.X-Version: v2 }
              signature: { header: X-Signature, pairs: ";", value: h1, encoding: base64url }
              timestamp: { pair: ts, unit: ms, tolerance: 90s }
              algorithm: hmac-sha512
              key: hex
              strip: sk_
              signs: "{timestamp}:{url}:{raw}"
              url: { variants: [with-port], unescape: "/" }
              body_digest: { header: Digest, algorithm: sha512, encoding: base64 }
            handshake:
              - when: { query.challenge: { $exists: true } }
                verified: false
                answer: { type: text/plain, headers: { X-A: "{method}" }, body: "{query.challenge}" }
            event: { each: body.events, id: ["{item.id}", "{headers.X-Id}"], type: "{item.a}.{item.b}" }
            answer: { status: 204, within: 5s }
            trigger: { content_type: text/plain, headers: { X-Id: "{uuid}" }, set: { body.id: "{token}" } }
            vectors:
              - { from: self-made, source: test, scheme: v2, secret: sk_00, raw: x, headers: { X-Signature: y } }
            """)
        let scheme = try #require(provider.verify.first)
        #expect(scheme.name == "v2" && scheme.isWeaker && scheme.algorithm == .hmacSHA512)
        #expect(scheme.when?.paths.map(\.description) == ["headers.X-Version"])
        #expect(
            scheme.signature
                == SignatureLocation(source: .header("X-Signature"), pairs: ";", value: "h1", encoding: .base64url))
        #expect(
            scheme.timestamp
                == SignatureTimestamp(source: .pair("ts"), unit: .milliseconds, tolerance: .seconds(90)))
        #expect(scheme.key == SignatureKey(encoding: .hex, strip: "sk_"))
        #expect(scheme.url == SignedURL(variants: [.withPort], unescape: "/"))
        #expect(scheme.bodyDigest == BodyDigest(source: .header("Digest"), algorithm: .sha512, encoding: .base64))
        #expect(provider.handshakes.first?.isVerified == false)
        #expect(provider.handshakes.first?.answer.status == 200)
        #expect(provider.event.id?.alternatives.count == 1)
        #expect(provider.event.type?.absence == .dropsLastDot)
        #expect(provider.answer?.status == 204 && provider.answer?.within == .seconds(5))
        #expect(provider.trigger.contentType == "text/plain")
        #expect(provider.vectors.first?.from == .selfMade)
    }

    private func scheme(_ lines: String...) -> String {
        "name: A\nevent: {}\nverify:\n  scheme: s\n" + lines.map { "  \($0)\n" }.joined()
    }

    @Test func `what proves nothing is refused`() {
        let header = "signature: { header: X }"
        #expect(
            messages(scheme(header, "algorithm: jwt")).first?.hasPrefix("6: signatures in JSON Web Tokens") == true)
        #expect(messages(scheme(header, "algorithm: md5")).first?.hasPrefix("6: unknown algorithm md5") == true)
        #expect(messages(scheme(header, "algorithm: hmac-sha256")).first?.contains("needs \"signs\"") == true)
        #expect(
            messages(scheme(header, "algorithm: sha256", "signs: '{raw}'"))
                == ["4: a plain digest proves nothing unless \"signs\" has {secret}"])
        #expect(
            messages(scheme(header, "algorithm: equality", "signs: '{raw}'"))
                == ["4: \"equality\" signs nothing: leave \"signs\" out"])
        #expect(
            messages(scheme(header, "algorithm: hmac-sha256", "signs: '{timestamp}.{raw}'"))
                == ["4: \"signs\" uses {timestamp}: say where it is with \"timestamp\""])
        #expect(
            messages(scheme(header, "algorithm: hmac-sha256", "timestamp: { header: T }", "signs: '{raw}'"))
                == ["7: \"timestamp\" is not part of \"signs\" and proves nothing"])
        #expect(
            messages(scheme(header, "algorithm: hmac-sha256", "signs: '{input.x}'")).first?
                .contains("no root \"input\"") == true)
        #expect(
            messages(scheme("signature: { header: X, query: y }", "algorithm: hmac-sha256", "signs: '{raw}'"))
                == ["5: \"signature\" needs one of header, query, body, path, basic"])
        #expect(
            messages(scheme("signature: { header: X, pairs: ',' }", "algorithm: hmac-sha256", "signs: '{raw}'"))
                == ["5: \"pairs\" and \"value\" go together"])
    }

    @Test func `a misspelt key or template is found by its line`() {
        let text = """
            name: A
            verfy: []
            verify: []
            event: { id: "{body.id" }
            """
        #expect(
            messages(text) == [
                "2: unknown key \"verfy\" in provider.yaml",
                "4: a placeholder that is not closed; a brace of its own is written {{ at column 1 in \"{body.id\"",
            ])
    }

    @Test func `a source finds its provider and what it asks of it`() throws {
        let acme = try decode(
            scheme("signature: { header: X }", "algorithm: hmac-sha256", "signs: '{raw}'"))
        func provider(_ source: SourceConfiguration) throws -> String {
            try ProviderDefinition.provider(of: source, among: [acme]).id
        }
        func source(
            _ provider: String, secrets: [String] = ["S"], schemes: [String] = [], insecure: Bool = false,
            options: JSON = [:]
        ) -> SourceConfiguration {
            SourceConfiguration(
                name: "in", provider: provider, secrets: secrets, schemes: schemes, insecure: insecure,
                options: options)
        }
        #expect(try provider(source("acme")) == "acme")
        #expect(try provider(source("key")) == "key")
        #expect(try provider(source("none", secrets: [], insecure: true)) == "none")
        #expect(try provider(source("generic-hmac", options: ["header": "X-Sig"])) == "generic-hmac")
        for (bad, words) in [
            (source("acmee"), "did you mean \"acme\"?"), (source("none"), "insecure: true"),
            (source("acme", secrets: []), "\"secrets\" is missing"), (source("acme", schemes: ["t"]), "it has s"),
            (source("acme", options: ["header": "X"]), "takes no options"),
            (source("generic-hmac", options: ["heather": "X"]), "did you mean \"header\"?"),
            (source("key", options: ["header": "X", "query": "y"]), "needs one of"),
        ] {
            let errors = #expect(throws: FormatErrors.self) { try provider(bad) }
            #expect(errors?.description.contains(words) == true, "\(errors?.description ?? "") lacks \(words)")
            #expect(errors?.description.hasPrefix("sources.in: ") == true)
        }
    }
}
