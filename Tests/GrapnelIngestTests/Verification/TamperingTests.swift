import GrapnelCore
import GrapnelFormat
import GrapnelIngest
import Testing

/// No byte of what is signed can be another one.
@Suite struct TamperingTests {
    private static let masks: [UInt8] = [0x01, 0x02, 0x80]

    /// Every text that differs from `bytes` in one place.
    private static func mutations(_ bytes: [UInt8]) -> [[UInt8]] {
        var all: [[UInt8]] = []
        for index in bytes.indices {
            for mask in masks {
                var other = bytes
                other[index] ^= mask
                all.append(other)
            }
            all.append(Array(bytes[..<index] + bytes[(index + 1)...]))
        }
        return all + [bytes + [0x20], bytes + bytes].filter { $0 != bytes }
    }

    private static func texts(_ text: String) -> [String] {
        mutations(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    private func expectRefused(
        _ vector: VectorCase, _ what: String, _ change: (inout InboundRequest) -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        if case .accepted = vector.outcome(change) {
            Issue.record("accepted with another \(what)", sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: ShippedProvider.vectors)
    func `another body is refused`(_ vector: VectorCase) {
        for body in Self.mutations(vector.vector.raw) where !isSameForm(vector, body) {
            expectRefused(vector, "body") { $0.body = body }
        }
    }

    /// A form is signed by its fields: `%2b` and `%2B` are the same.
    private func isSameForm(_ vector: VectorCase, _ body: [UInt8]) -> Bool {
        guard vector.signs("form") else { return false }
        func pairs(_ bytes: [UInt8]) -> Set<String> {
            Set(FormFields(parsing: bytes).fields.map { $0.name + $0.value })
        }
        return pairs(body) == pairs(vector.vector.raw)
    }

    @Test(arguments: ShippedProvider.vectors.filter(\.hasOneSignature))
    func `another signature is refused`(_ vector: VectorCase) throws {
        let header = try #require(vector.signatureHeader)
        let text = try #require(vector.vector.headers.first(header))
        for other in Self.texts(text) where !isSameSignature(other, text) {
            expectRefused(vector, "signature, \(other)") { $0.headers.set(header, other) }
        }
    }

    /// The padding of base 64 may be missing, a separator may be doubled, and pairs may stand there twice.
    private func isSameSignature(_ other: String, _ text: String) -> Bool {
        func bare(_ text: String) -> String { text.filter { $0 != "=" } }
        return text.hasSuffix("=") && bare(other) == bare(text) && !other.contains("==")
            || other.trimmingSpaces == text || text.contains("v1=") && other == text + text
    }

    @Test(arguments: ShippedProvider.vectors.filter { !$0.signedHeaders.isEmpty })
    func `another signed header or time is refused`(_ vector: VectorCase) throws {
        for header in vector.signedHeaders {
            let text = try #require(vector.vector.headers.first(header))
            for other in Self.texts(text) {
                expectRefused(vector, "\(header), \(other)") { $0.headers.set(header, other) }
            }
            expectRefused(vector, "\(header), missing") { $0.headers.remove(header) }
        }
    }

    @Test(arguments: ShippedProvider.vectors.filter { $0.signs("url") })
    func `another URL is refused`(_ vector: VectorCase) {
        for url in Self.texts(vector.vector.url) {
            let candidates = vector.scheme.url.candidates(of: url)
            if candidates == vector.scheme.url.candidates(of: vector.vector.url) { continue }
            expectRefused(vector, "URL, \(url)") { $0.url = url }
        }
    }

    @Test(arguments: ShippedProvider.vectors.filter { $0.signs("method") })
    func `another method is refused`(_ vector: VectorCase) {
        for method in Self.texts(vector.vector.method) + ["PUT", "HEAD", "post", "get"] {
            expectRefused(vector, "method, \(method)") { $0.method = method }
        }
    }

    @Test(arguments: ShippedProvider.vectors)
    func `another secret is refused`(_ vector: VectorCase) {
        // Padding may be missing from a key, too.
        let others = Self.texts(vector.vector.secret).filter { $0 + "=" != vector.vector.secret }
        for secret in others + ["", " "] {
            let verifier = SignatureVerifier(
                schemes: [vector.scheme], secrets: [SourceSecret(name: "OTHER", value: secret)])
            guard case .accepted = verifier.verify(vector.request, now: vector.now) else { continue }
            Issue.record("accepted with another secret")
        }
    }

    @Test func `a body that was written anew is refused`() throws {
        let vector = try #require(ShippedProvider.vectors.first { $0.provider == "standard-webhooks" })
        let body = try JSONParser.parse(vector.vector.raw)
        #expect(JSONWriter.bytes(body) != vector.vector.raw)
        #expect(vector.outcome { $0.body = JSONWriter.bytes(body) } == .rejected(.wrongSignature))
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
