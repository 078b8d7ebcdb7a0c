import GrapnelCore
import TestSupport
import Testing

/// Who may use the API over TCP.
@Suite struct ManagementAccessTests {
    private func ask(_ bench: ManagementBench, host: String, token: String?) async throws -> Int? {
        var headers = [("Host", host)]
        if let token { headers.append(("Authorization", token)) }
        return try await RawHTTP.exchange(bench.port, RawHTTP.request("GET", "/v1/status", headers))?.status
    }

    @Test func `the port wants the token, and its own name`() async throws {
        try await ManagementBench.with { bench async throws in
            let token = "Bearer \(ManagementBench.token)"
            for host in ["localhost", "127.0.0.1:8081", "LOCALHOST:1", "[::1]:8081"] {
                #expect(try await ask(bench, host: host, token: token) == 200, "\(host)")
            }
            for wrong in [nil, "", "Bearer", "Bearer ", token + "x", String(token.dropLast()), "Basic dTpw"] {
                #expect(try await ask(bench, host: "localhost", token: wrong) == 401, "\(wrong ?? "none")")
            }
            // A page whose name was made to point here (DNS rebinding) brings its own name.
            for host in ["evil.example", "evil.example:8081", "localhost.evil.example", ""] {
                #expect(try await ask(bench, host: host, token: token) == 421, "\(host)")
            }
        }
    }

    @Test func `the socket wants neither`() async throws {
        try await ManagementBench.with { bench async throws in
            #expect(try await bench.ask("GET", "/v1/status").status == 200)
        }
    }
}
