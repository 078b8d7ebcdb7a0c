import GrapnelCore
import GrapnelSend
import Testing

@Suite struct FetchTests {
    private func fetch(
        _ bench: BrokerBench, _ url: String, method: String = "GET", headers: HeaderFields = HeaderFields(),
        hosts: [String]? = nil
    ) async throws -> Result<HTTPReply, CallFailure> {
        let run = try await bench.leasedRun()
        return await bench.dispatcher.fetch(
            FetchRequest(
                run: run, allowedHosts: hosts ?? ["127.0.0.1:\(bench.vendor.port)"], method: method, url: url,
                headers: headers, body: [], step: "fetch#1", timeout: .seconds(5)))
    }

    @Test func `an allowed host is reached, with the handler's headers and the hub's own`() async throws {
        try await BrokerBench.run { bench in
            let headers = HeaderFields([
                ("X-Mine", "1"), ("Host", "evil.example"), ("Content-Length", "99"), ("Grapnel-Effect", "forged"),
            ])
            let reply = try await fetch(bench, "http://127.0.0.1:\(bench.vendor.port)/a", headers: headers).get()
            #expect(reply.status == 200 && reply.body == Array("{\"got\":1}".utf8))
            #expect(reply.headers.first("content-length") == nil)
            let request = try #require(bench.vendor.requests.first)
            #expect(request.contains("X-Mine: 1") && request.contains("Grapnel-Effect: h1_"))
            #expect(!request.contains("evil") && !request.contains("forged") && !request.contains("test-token"))
        }
    }

    @Test(arguments: [[], ["127.0.0.1"], ["127.0.0.1:1"], ["example.com"]])
    func `a host that the manifest does not name is not reached`(hosts: [String]) async throws {
        try await BrokerBench.run { bench in
            let failure = try await fetch(bench, "http://127.0.0.1:\(bench.vendor.port)/a", hosts: hosts).failure
            #expect(failure?.code == "host_not_allowed")
            #expect(bench.vendor.requests.isEmpty)
        }
    }

    @Test func `an address that is not open stays shut although the manifest names it`() async throws {
        try await BrokerBench.run { bench in
            let failure = try await fetch(bench, "http://10.0.0.1/", hosts: ["10.0.0.1"]).failure
            #expect(failure?.code == "refused_address")
        }
    }

    @Test func `a redirect is followed among allowed hosts and no further`() async throws {
        let answer = BrokerBench.answering(.status(302, "Location: /there\r\n"), .ok)
        try await BrokerBench.run(answer: answer) { bench in
            let reply = try await fetch(bench, "http://127.0.0.1:\(bench.vendor.port)/here").get()
            #expect(reply.status == 200)
            #expect(bench.vendor.requests.last?.hasPrefix("GET /there ") == true)
        }
        for target in ["http://169.254.169.254/", "file:///etc/passwd", "http://user@127.0.0.1/", "//evil.example/"] {
            let away = BrokerBench.answering(.status(307, "Location: \(target)\r\n"))
            try await BrokerBench.run(answer: away) { bench in
                let failure = try await fetch(bench, "http://127.0.0.1:\(bench.vendor.port)/here").failure
                #expect(["host_not_allowed", "invalid_url"].contains(failure?.code))
                #expect(bench.vendor.requests.count == 1)
            }
        }
    }

    @Test func `a redirect of what is not safe to repeat is the handler's to see`() async throws {
        let answer = BrokerBench.answering(.status(307, "Location: /there\r\n"), .ok)
        try await BrokerBench.run(answer: answer) { bench in
            let reply = try await fetch(bench, "http://127.0.0.1:\(bench.vendor.port)/here", method: "POST").get()
            #expect(reply.status == 307)
            #expect(bench.vendor.requests.count == 1)
        }
    }

    @Test func `redirects without end are cut off`() async throws {
        try await BrokerBench.run(answer: BrokerBench.answering(.status(302, "Location: /x\r\n"))) { bench in
            let failure = try await fetch(bench, "http://127.0.0.1:\(bench.vendor.port)/x").failure
            #expect(failure?.code == "too_many_redirects")
            #expect(bench.vendor.requests.count == 6)
        }
    }
}
