import GrapnelCore
import GrapnelQueue
import GrapnelWeb
import TestSupport
import Testing

/// Failures that differ only in particulars are one group.
@Suite struct FailureTests {
    @Test(arguments: [
        ("timeout after 1500 ms", "timeout after … ms"),
        ("timeout after 1500ms", "timeout after …ms"),
        ("HTTP 503", "HTTP 503"), ("status 404 of 12", "status 404 of …"), ("503 things", "… things"),
        ("no contact run_01jz3k4m5n6p7q8r9stvwxyz00.", "no contact …."),
        ("order 2f1c9a60-6ef0-4a40-9f2e-1b6f4be9c0aa failed", "order … failed"),
        ("cannot read properties of undefined (reading 'id')", "cannot read properties of undefined (reading '…')"),
        (#"unknown "channel" and `other`"#, #"unknown "…" and `…`"#),
        ("it doesn't work and won't", "it doesn't work and won't"),
        ("an open \"quote", "an open \"quote"),
        ("connect to 127.0.0.1:8080 failed", "connect to …:… failed"),
        ("took 1.5 s.", "took … s."),
        ("mail to ada@example.com bounced", "mail to … bounced"),
        ("first line\n    at handler.js:2", "first line"),
        ("sha256 mismatch", "sha… mismatch"),
        ("", ""),
    ])
    func `an error becomes a pattern`(error: String, pattern: String) {
        #expect(FailurePattern.text(of: error) == pattern)
    }

    @Test func `a pattern is bounded, and stays what it is`() {
        let pattern = FailurePattern.text(of: String(repeating: "word ", count: 200))
        #expect(pattern.count == FailurePattern.longest)
        #expect(pattern.hasSuffix("…"))
        for text in ["timeout after … ms", "HTTP 503", "a '…' b"] { #expect(FailurePattern.text(of: text) == text) }
    }

    @Test func `what stopped is grouped by recipe, reason and error, and its command finds it`() async throws {
        try await ManagementBench.with { bench async throws in
            for (index, message) in ["timeout after 5 ms", "Timeout of 'x'", "timeout after 71 ms"].enumerated() {
                try await bench.stop(delivery: "d\(index)", .die(.exhausted), message)
                bench.clock.advance(by: .seconds(60))
            }
            try await bench.stop(delivery: "parked", .park(.unknownEffect), "nobody knows")
            let first = try await bench.ask("GET", "/v1/failures?limit=1000").json
            let groups = try #require(first?["failures"]?.array)
            #expect(
                groups.map { $0["count"]?.integer } == [1, 2, 1] || groups.map { $0["count"]?.integer } == [1, 1, 2])
            let timeouts = try #require(groups.first { $0["count"] == 2 })
            #expect(timeouts["name"] == "greeter")
            #expect(timeouts["error"] == "timeout after … ms")
            #expect(timeouts["reason"] == "exhausted")
            let spanned = try #require(timeouts["first"]?.string)
            #expect(spanned < timeouts["last"]?.string ?? "")
            #expect(
                timeouts["command"]?.string
                    == "grapnel replay --missing --recipe greeter --status dead --reason exhausted "
                    + "--error 'timeout after … ms'")
            let found = try await bench.preview(
                ["action": "replay", "mode": "missing", "filter": ["error": "timeout after … ms"]])
            #expect(found["count"] == 2)
            // The outputs follow the runs.
            #expect(first?["next"] == "outputs")
            let outputs = try await bench.ask("GET", "/v1/failures?before=outputs").json
            #expect(outputs?["failures"] == .array([]))
            #expect(outputs?["next"] == nil)
        }
    }

    @Test func `what was replayed has been seen to`() async throws {
        try await ManagementBench.with { bench async throws in
            let run = try await bench.stop(delivery: "d1", .die(.poison), "it crashed")
            #expect(try await bench.ask("GET", "/v1/failures").json?["failures"]?.array?.count == 1)
            _ = try await bench.ask("POST", "/v1/runs/\(run)/replay", ["mode": "missing"])
            #expect(try await bench.ask("GET", "/v1/failures").json?["failures"] == .array([]))
        }
    }

    @Test func `outputs are grouped by their operation`() async throws {
        try await ManagementBench.with { bench async throws in
            let output = try await bench.stoppedOutput(delivery: "d1", .die(.rejected))
            let answer = try await bench.ask("GET", "/v1/failures?connection=slack").json
            let group = try #require(answer?["failures"]?[0])
            #expect(group["subject"] == "output")
            #expect(group["name"] == "slack.postMessage")
            #expect(group["example"]?.string == output.description)
            #expect(
                group["command"]?.string
                    == "grapnel resolve --resend --connection slack --operation postMessage --delivery dead "
                    + "--reason rejected --error 'no channel '\\''…'\\'''")
        }
    }
}
