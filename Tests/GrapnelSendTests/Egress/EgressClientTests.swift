import Glibc
import GrapnelCore
import GrapnelSend
import Logging
import TestSupport
import Testing

@Suite struct EgressClientTests {
    private static let quick = EgressLimits(
        connect: .seconds(2), firstByte: .milliseconds(200), total: .milliseconds(600), responseBody: .kibibytes(64))

    private static func post(_ server: LoopbackServer, _ path: String = "/", body: String = "{}") throws
        -> EgressRequest
    {
        EgressRequest(
            method: "POST", url: try EgressURL("http://127.0.0.1:\(server.port)\(path)"),
            headers: HeaderFields([("Content-Type", "application/json")]), body: Array(body.utf8))
    }

    private static let plain = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Note:  one \r\nX-Note: two\r\n\r\nhi"

    @Test func `a request arrives byte for byte and its answer comes back`() async throws {
        let server = try LoopbackServer.answering(Self.plain)
        try await EgressClient.running { client in
            var request = try Self.post(server, "/a%20b?c=d&e", body: "{\"x\":\"ü\"}")
            request.headers.append("X-Empty", "")
            let response = try await client.perform(request).get()
            #expect(response.status == 200)
            #expect(response.headers.values("x-note") == ["one", "two"])
            #expect(response.body == Array("hi".utf8))
        }
        let lines = try #require(server.requests.first).split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.first == "POST /a%20b?c=d&e HTTP/1.1")
        #expect(lines.contains("Content-Type: application/json"))
        #expect(lines.contains("X-Empty:"))
        #expect(lines.last == "{\"x\":\"ü\"}")
        #expect(!lines.contains { $0.hasPrefix("Expect") })
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    func `every method leaves as it is, after any other`(method: String) async throws {
        let server = try LoopbackServer { server, connection in
            while let request = connection.readRequest() {
                server.note(request)
                connection.write(
                    request.hasPrefix("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" : Self.plain)
            }
        }
        try await EgressClient.running { client in
            let url = try EgressURL("http://127.0.0.1:\(server.port)/x")
            for method in ["HEAD", method, "POST", method] {
                let response = try await client.perform(EgressRequest(method: method, url: url)).get()
                #expect(response.body == (method == "HEAD" ? [] : Array("hi".utf8)))
            }
        }
        #expect(server.requests.map { $0.prefix { $0 != " " } } == ["HEAD", method[...], "POST", method[...]])
        #expect(server.connections == 1)
        #expect(!server.requests.contains { $0.lowercased().contains("content-type") })
    }

    @Test func `a large body leaves whole, and a small one after it`() async throws {
        let server = try LoopbackServer.answering(Self.plain)
        let large = String(repeating: "0123456789", count: 200_000)
        try await EgressClient.running { client in
            _ = try await client.perform(Self.post(server, body: large)).get()
            _ = try await client.perform(Self.post(server, body: "small")).get()
        }
        #expect(server.requests.first?.hasSuffix("\r\n\r\n\(large)") == true)
        #expect(server.requests.last?.hasSuffix("\r\n\r\nsmall") == true)
    }

    @Test func `many requests at once all come back, each with its own answer`() async throws {
        let server = try LoopbackServer { server, connection in
            while let request = connection.readRequest() {
                let path = request.split(separator: " ")[1]
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
            }
        }
        try await EgressClient.running { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        let response = try await client.perform(Self.post(server, "/\(number)")).get()
                        #expect(response.body == Array("/\(number)".utf8))
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(server.connections <= 50)
    }

    @Test(arguments: [
        "http://127.0.0.1", "http://localhost", "http://a.localhost", "http://[::1]", "http://[::ffff:127.0.0.1]",
    ])
    func `a loopback address is not dialled, however it is written`(base: String) async throws {
        let server = try LoopbackServer.answering(Self.plain)
        let failure = try await EgressClient.running(allow: []) { client in
            await client.perform(EgressRequest(method: "GET", url: try EgressURL("\(base):\(server.port)/"))).failure
        }
        #expect(failure?.code == .refusedAddress)
        #expect(failure?.bytesLeft == false)
        #expect(failure?.message.contains("egress.allow_private") == true)
        #expect(failure?.callFailure.isRetryable == false)
        #expect(server.connections == 0)
    }

    @Test(arguments: ["http://169.254.169.254/latest", "http://[fd00:ec2::254]/", "http://[::ffff:169.254.169.254]/"])
    func `a metadata address is not dialled even when everything is allowed`(url: String) async throws {
        let failure = try await EgressClient.running(allow: ["0.0.0.0/0", "::/0"]) { client in
            await client.perform(EgressRequest(method: "GET", url: try EgressURL(url))).failure
        }
        #expect(failure?.code == .refusedAddress)
        #expect(failure?.message.contains("allow_private") == false)
    }

    @Test(arguments: [
        ("X-A", "b\r\nX-B: c"), ("X A", "b"), ("X-A:", "b"), ("", "b"), ("X-A", "b\0"), ("Host", "evil"),
        ("Content-Length", "0"), ("transfer-encoding", "chunked"), ("Connection", "close"),
    ])
    func `a header that could change the message is refused before anything is dialled`(
        name: String, value: String
    ) async throws {
        let server = try LoopbackServer.answering(Self.plain)
        let failure = try await EgressClient.running { client in
            var request = try Self.post(server)
            request.headers.append(name, value)
            return await client.perform(request).failure
        }
        #expect(failure?.code == .invalidRequest)
        #expect(failure?.bytesLeft == false)
        #expect(server.connections == 0)
    }

    @Test(arguments: ["GET\r\nX: y", "get", "", "CONNECT", "TRACE", "GET /"])
    func `a method that is none is refused`(method: String) async throws {
        let server = try LoopbackServer.answering(Self.plain)
        let failure = try await EgressClient.running { client in
            var request = try Self.post(server)
            request.method = method
            return await client.perform(request).failure
        }
        #expect(failure?.code == .invalidRequest)
    }

    @Test func `a refused connection is definite`() async throws {
        let server = try LoopbackServer.refusing()
        let request = try Self.post(server)
        let failure = try await EgressClient.running { await $0.perform(request).failure }
        #expect(failure?.code == .connectFailed)
        #expect(failure?.bytesLeft == false)
        #expect(failure?.callFailure.isRetryable == true)
    }

    @Test func `a name without an address is definite`() async throws {
        let failure = try await EgressClient.running { client in
            await client.perform(EgressRequest(method: "GET", url: try EgressURL("http://nowhere.invalid/"))).failure
        }
        #expect(failure?.code == .nameNotResolved)
        #expect(failure?.bytesLeft == false)
    }

    @Test func `a server that speaks no TLS is definite`() async throws {
        let server = try LoopbackServer { _, connection in
            connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.waitForClose()
        }
        let failure = try await EgressClient.running { client in
            await client.perform(
                EgressRequest(method: "POST", url: try EgressURL("https://127.0.0.1:\(server.port)/"))
            ).failure
        }
        #expect(failure?.code == .tlsFailed)
        #expect(failure?.bytesLeft == false)
    }

    @Test func `a TLS handshake that breaks off is definite`() async throws {
        let server = try LoopbackServer { _, connection in connection.reset() }
        let failure = try await EgressClient.running { client in
            await client.perform(
                EgressRequest(method: "POST", url: try EgressURL("https://127.0.0.1:\(server.port)/"))
            ).failure
        }
        #expect(failure?.code == .tlsFailed || failure?.code == .connectFailed)
        #expect(failure?.bytesLeft == false)
    }

    @Test func `a TLS handshake that stalls is definite`() async throws {
        let server = try LoopbackServer { _, connection in connection.waitForClose() }
        let limits = EgressLimits(connect: .milliseconds(200))
        let failure = try await EgressClient.running(limits: limits) { client in
            await client.perform(
                EgressRequest(method: "POST", url: try EgressURL("https://127.0.0.1:\(server.port)/"))
            ).failure
        }
        #expect(failure?.code == .connectTimeout)
        #expect(failure?.bytesLeft == false)
    }

    /// One way of a server to misbehave after it has the request.
    struct Misbehaviour: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: EgressFailure.Code
        let script: @Sendable (LoopbackServer.Connection) -> Void

        init(
            _ name: String, _ code: EgressFailure.Code,
            _ script: @escaping @Sendable (LoopbackServer.Connection) -> Void
        ) {
            testDescription = name
            self.code = code
            self.script = script
        }
    }

    static let misbehaviours: [Misbehaviour] = [
        Misbehaviour("closes without a word", .connectionLost) { _ in },
        Misbehaviour("resets before the head", .connectionLost) { $0.reset() },
        Misbehaviour("resets in the head", .connectionLost) {
            $0.write("HTTP/1.1 200 OK\r\nContent-Le")
            $0.reset()
        },
        Misbehaviour("closes in the body", .connectionLost) {
            $0.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        },
        Misbehaviour("never answers", .timeout) { $0.waitForClose() },
        Misbehaviour("stops in the body", .timeout) {
            $0.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            $0.waitForClose()
        },
        Misbehaviour("sends a body without end", .responseTooLarge) {
            $0.write("HTTP/1.1 200 OK\r\n\r\n")
            for _ in 0..<100 { $0.write([UInt8](repeating: 0x61, count: 4096)) }
        },
        Misbehaviour("announces a body over the limit and sends it", .responseTooLarge) {
            $0.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            $0.write([UInt8](repeating: 0x61, count: 100_000))
        },
        Misbehaviour("sends fields without end", .responseTooLarge) {
            $0.write("HTTP/1.1 200 OK\r\n")
            for number in 0..<10_000 { $0.write("X-\(number): y\r\n") }
        },
        Misbehaviour("says continue without end", .responseTooLarge) {
            for _ in 0..<10_000 { $0.write("HTTP/1.1 100 Continue\r\n\r\n") }
        },
        Misbehaviour("sends an invalid chunk", .connectionLost) {
            $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n")
            $0.waitForClose()
        },
        Misbehaviour("overflows the chunk size", .connectionLost) {
            $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nabc\r\n")
            $0.waitForClose()
        },
        Misbehaviour("answers with garbage", .connectionLost) {
            $0.write("hello, this is no HTTP\r\n\r\n")
            $0.waitForClose()
        },
        Misbehaviour("sends a broken gzip", .connectionLost) {
            $0.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")
        },
    ]

    @Test(arguments: misbehaviours)
    func `after the request has left, every fault is unknown`(fault: Misbehaviour) async throws {
        let server = try LoopbackServer { server, connection in
            guard let request = connection.readRequest() else { return }
            server.note(request)
            fault.script(connection)
        }
        let failure = try await EgressClient.running(limits: Self.quick) {
            await $0.perform(try Self.post(server)).failure
        }
        #expect(failure?.code == fault.code)
        #expect(failure?.bytesLeft == true)
        #expect(failure?.callFailure.outcome == .unknown)
        #expect(server.requests.count == 1)
    }

    @Test func `a body that unpacks over the limit is cut off`() async throws {
        let bomb = GzipBomb.zeros(count: 1 << 20)
        #expect(bomb.count < 8192)
        let server = try LoopbackServer { _, connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n")
            connection.write(bomb)
            connection.waitForClose()
        }
        let failure = try await EgressClient.running(limits: Self.quick) {
            await $0.perform(try Self.post(server)).failure
        }
        #expect(failure?.code == .responseTooLarge)
        #expect(failure?.status == 200)
    }

    @Test func `bytes after the announced end are not part of the answer`() async throws {
        let server = try LoopbackServer { _, connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 500 No\r\n\r\n")
        }
        let response = try await EgressClient.running { try await $0.perform(try Self.post(server)).get() }
        #expect(response.body == Array("hi".utf8))
    }

    @Test func `a redirect is an answer like any other`() async throws {
        let server = try LoopbackServer.answering(
            "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")
        let response = try await EgressClient.running { try await $0.perform(try Self.post(server)).get() }
        #expect(response.status == 302)
        #expect(server.requests.count == 1)
    }

    @Test func `a request whose kept-alive connection closes is not sent again by itself`() async throws {
        let server = try LoopbackServer { server, connection in
            guard let first = connection.readRequest() else { return }
            server.note(first)
            connection.write(Self.plain)
            if let second = connection.readRequest() { server.note(second) }
            // Closed without an answer: the vendor may have done what it was asked to.
        }
        try await EgressClient.running { client in
            _ = try await client.perform(try Self.post(server)).get()
            let failure = await client.perform(try Self.post(server)).failure
            #expect(failure?.code == .connectionLost)
            #expect(failure?.bytesLeft == true)
        }
        #expect(server.requests.count == 2)
    }

    @Test func `a request that may repeat is sent again when its kept-alive connection closes`() async throws {
        let server = try LoopbackServer { server, connection in
            for _ in 0..<2 {
                guard let request = connection.readRequest() else { return }
                server.note(request)
                if server.requests.count == 2 { return }
                connection.write(Self.plain)
            }
        }
        try await EgressClient.running { client in
            var request = try Self.post(server)
            request.mayRepeat = true
            _ = try await client.perform(request).get()
            _ = try await client.perform(request).get()
        }
        #expect(server.requests.count == 3)
    }

    @Test func `a request on a new connection shares it with none`() async throws {
        let server = try LoopbackServer.answering(Self.plain)
        try await EgressClient.running { client in
            var request = try Self.post(server)
            _ = try await client.perform(request).get()
            request.onNewConnection = true
            _ = try await client.perform(request).get()
            request.onNewConnection = false
            _ = try await client.perform(request).get()
        }
        #expect(server.connections == 2)
    }

    @Test func `more requests than may wait are refused`() async throws {
        let server = try LoopbackServer { _, connection in connection.waitForClose() }
        let limits = EgressLimits(total: .milliseconds(400), active: 1, waiting: 1)
        let request = try Self.post(server)
        let failures = try await EgressClient.running(limits: limits) { client in
            await withTaskGroup(of: EgressFailure.Code?.self) { group in
                for _ in 0..<8 { group.addTask { await client.perform(request).failure?.code } }
                return await group.reduce(into: [EgressFailure.Code?]()) { $0.append($1) }
            }
        }
        #expect(failures.contains(.full))
        #expect(failures.contains(.timeout))
    }

    @Test func `proxies named in the environment are not used`() async throws {
        setenv("http_proxy", "http://127.0.0.1:9", 1)
        defer { unsetenv("http_proxy") }
        let server = try LoopbackServer.answering(Self.plain)
        let response = try await EgressClient.running { try await $0.perform(try Self.post(server)).get() }
        #expect(response.status == 200)
    }

    @Test func `stopping ends what is under way and refuses what comes later`() async throws {
        let server = try LoopbackServer { server, connection in
            if let request = connection.readRequest() { server.note(request) }
            connection.waitForClose()
        }
        let request = try Self.post(server)
        let client = EgressClient(
            guarding: AddressGuard(allowances: [.range(AddressRange(IPAddress.v4(0x7F00_0000), prefix: 8))]),
            clock: SystemClock(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await client.run() }
        async let outcome = client.perform(request)
        try await Patience.until { !server.requests.isEmpty }
        running.cancel()
        let failure = await outcome.failure
        #expect(failure?.code == .stopped)
        #expect(failure?.bytesLeft == true)
        #expect(await client.perform(request).failure?.code == .stopped)
    }
}
