import GrapnelCore
import GrapnelCrypto
import GrapnelIngest
import GrapnelQueue
import TestSupport
import Testing

/// What is not taken, what the vendor's developer reads, and that nothing of it became an event.
@Suite struct RefusalTests {
    private static let body = #"{"ref":"refs/heads/main"}"#

    private static func headers(_ signature: String?...) -> [(String, String)] {
        [("Content-Type", "application/json"), ("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "d1")]
            + signature.compactMap { $0.map { ("X-Hub-Signature-256", $0) } }
    }

    private static let good = IngestBench.github(body).last?.1 ?? ""
    private static let cases: [(String, [(String, String)], String)] = [
        ("none", headers(), "missing_signature"),
        ("wrong", headers("sha256=" + String(repeating: "0", count: 64)), "wrong_signature"),
        ("short", headers("sha256=00"), "wrong_signature"),
        ("no prefix", headers(String(repeating: "0", count: 64)), "malformed_signature"),
        ("twice", headers(good, good), "repeated_signature"), ("empty", headers(""), "missing_signature"),
    ]

    @Test(arguments: cases)
    func `an unverified request is rejected, kept for people, and no event`(
        name: String, headers: [(String, String)], kind: String
    ) async throws {
        try await IngestBench.with { bench async throws in
            let answer = try await bench.send("POST", "/hooks/github", headers, body: Self.body)
            #expect(answer.status == 401)
            #expect(answer.headers.first("Content-Type") == "application/problem+json")
            #expect(answer.json?["kind"]?.string == kind)
            #expect(!answer.text.contains("SECRET"), "which secret is nobody's business")
            #expect(try await bench.events().isEmpty)
            let rejected = try #require(try await bench.queue.rejections(RequestQuery()).first)
            #expect(rejected.kind.rawValue == kind)
            #expect(rejected.source == "github")
            #expect(rejected.request.headers.first("X-GitHub-Event") == "push")
            #expect(rejected.request.body == Array(Self.body.utf8))
            #expect(try await bench.queue.counts().rejections.values.reduce(0, +) == 1)
        }
    }

    @Test func `a signed time that is old or to come is refused`() async throws {
        try await IngestBench.with { bench async throws in
            for (offset, kind) in [(-400_000, "stale_timestamp"), (400_000, "future_timestamp")] as [(Int64, String)] {
                let time = "\((bench.clock.now().milliseconds + offset) / 1000)"
                let signature = HMACSignature.sign(
                    Array("v0:\(time):{}".utf8), key: Array(IngestBench.secret.utf8), algorithm: .sha256)
                let answer = try await bench.send(
                    "POST", "/hooks/slack",
                    [
                        ("Content-Type", "application/json"), ("X-Slack-Request-Timestamp", time),
                        ("X-Slack-Signature", "v0=\(Hex.encode(signature))"),
                    ], body: "{}")
                #expect(answer.json?["kind"]?.string == kind, "\(answer.text)")
            }
        }
    }

    @Test func `a flood of forgeries is counted beyond what is kept`() async throws {
        try await IngestBench.with(limits: IngestLimits(rejectionsPerSecond: 2)) { bench async throws in
            for _ in 0..<5 { #expect(try await bench.send("POST", "/hooks/github", body: "{}").status == 401) }
            #expect(try await bench.queue.rejections(RequestQuery()).count == 2)
            #expect(bench.server.unkeptRejections.all == [.missingSignature: 3])
        }
    }

    @Test(arguments: [
        ("POST", "/hooks/nothing", 404), ("POST", "/hooks", 404), ("POST", "/hooks/github/more", 404),
        ("POST", "/", 404),
        ("POST", "/hooks/../hooks/github", 404), ("GET", "/hooks/open", 405), ("DELETE", "/hooks/open", 405),
        ("PUT", "/hooks/open", 202),
    ])
    func `methods and paths are what they say`(method: String, target: String, status: Int) async throws {
        try await IngestBench.with { bench async throws in
            let answer = try await bench.send(method, target, body: "{}")
            #expect(answer.status == status, "\(answer.text)")
            if status == 405 { #expect(answer.headers.first("Allow") == "POST, PUT") }
        }
    }

    @Test(arguments: ["gzip", "br"])
    func `an encoded body is refused`(coding: String) async throws {
        try await IngestBench.with { bench async throws in
            let answer = try await bench.send("POST", "/hooks/open", [("Content-Encoding", coding)], body: "x")
            #expect(answer.status == 415)
        }
    }

    @Test func `a body over the limit is refused before it is read`() async throws {
        try await IngestBench.with { bench async throws in
            // A gigabyte is announced and never sent.
            let head = Array(
                "POST /hooks/small HTTP/1.1\r\nHost: hub\r\nContent-Length: 1073741824\r\n\r\n".utf8)
            #expect(try await RawHTTP.exchange(bench.address, head)?.status == 413)
            let chunk = Array("400\r\n".utf8) + [UInt8](repeating: 0x20, count: 1024) + Array("\r\n".utf8)
            let chunked = RawHTTP.request("POST", "/hooks/small", [("Transfer-Encoding", "chunked")])
            #expect(try await RawHTTP.exchange(bench.address, chunked, chunk, chunk)?.status == 413)
            #expect(try await bench.events().isEmpty)
        }
    }

    @Test func `a body of exactly the limit is taken`() async throws {
        try await IngestBench.with { bench async throws in
            let body = #"{"pad":""# + String(repeating: "x", count: 1024 - 10) + #""}"#
            #expect(body.utf8.count == 1024)
            let answer = try await bench.send("POST", "/hooks/small", IngestBench.github(body), body: body)
            #expect(answer.status == 202, "\(answer.text)")
        }
    }

    @Test func `headers beyond the limits end the connection`() async throws {
        let limits = IngestLimits(headerField: .kibibytes(1), headers: .kibibytes(4), headerCount: 20)
        try await IngestBench.with(limits: limits) { bench async throws in
            let long = RawHTTP.request("POST", "/hooks/open", [("X-Long", String(repeating: "x", count: 2000))])
            let many = RawHTTP.request("POST", "/hooks/open", (0..<30).map { ("X-\($0)", "x") })
            for bytes in [long, many] {
                let status = try await RawHTTP.exchange(bench.address, bytes)?.status
                #expect(status == nil || (400..<500).contains(status ?? 0))
            }
            #expect(try await bench.events().isEmpty)
        }
    }

    @Test func `a connection that says nothing is closed`() async throws {
        try await IngestBench.with(limits: IngestLimits(idle: .milliseconds(50))) { bench async throws in
            #expect(try await RawHTTP.exchange(bench.address, []) == nil)
            // In the middle of a head, and in the middle of a body.
            #expect(try await RawHTTP.exchange(bench.address, Array("POST /hooks/open HT".utf8)) == nil)
            let head = Array("POST /hooks/open HTTP/1.1\r\nHost: hub\r\nContent-Length: 10\r\n\r\nhalf".utf8)
            let status = try await RawHTTP.exchange(bench.address, head)?.status
            #expect(status == nil || status == 400)
            #expect(try await bench.events().isEmpty)
        }
    }

    @Test func `bytes that are no HTTP are refused and the hub goes on`() async throws {
        try await IngestBench.with { bench async throws in
            for bytes in ["\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "POST /hooks/open HTTP/9.9\r\n\r\n"] {
                let status = try await RawHTTP.exchange(bench.address, Array(bytes.utf8))?.status
                #expect(status == nil || (400..<600).contains(status ?? 0), "\(bytes)")
            }
            #expect(try await bench.send("POST", "/hooks/open", body: "{}").status == 202)
        }
    }
}
