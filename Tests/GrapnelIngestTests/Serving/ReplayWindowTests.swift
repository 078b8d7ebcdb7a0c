import GrapnelCore
import GrapnelCrypto
import GrapnelIngest
import GrapnelQueue
import TestSupport
import Testing

/// A clock that is moved lets no signed request in again.
@Suite struct ReplayWindowTests {
    private static let body = #"{"type":"event_callback","event_id":"Ev1","event":{"type":"message"}}"#

    /// The headers of a request as Slack signs it at this moment.
    private static func slack(at moment: Timestamp, _ body: String = body) -> [(String, String)] {
        let seconds = moment.milliseconds / 1000
        let signature = HMACSignature.sign(
            Array("v0:\(seconds):\(body)".utf8), key: Array(IngestBench.secret.utf8), algorithm: .sha256)
        return [
            ("Content-Type", "application/json"), ("X-Slack-Request-Timestamp", String(seconds)),
            ("X-Slack-Signature", "v0=\(Hex.encode(signature))"),
        ]
    }

    @Test(arguments: [1, -1, 299, -299, 302, -302, 3600, -3600, 400 * 86_400, -400 * 86_400])
    func `a request that was taken is not taken again when the wall clock is moved`(seconds: Int) async throws {
        try await IngestBench.with { bench async throws in
            let right = bench.clock.now()
            let headers = Self.slack(at: right)
            func post() async throws -> Int {
                try await bench.send("POST", "/hooks/slack", headers, body: Self.body).status
            }
            let taken = try await post()
            #expect((200..<300).contains(taken))
            bench.clock.setWallClock(right + .seconds(seconds))
            // A clock that is set back is not believed, and so the request is as old as it is.
            #expect(try await post() == (seconds <= 300 ? taken : 401))
            // What is signed now by the wrong clock is the same delivery.
            if abs(seconds) <= 300 {
                let again = Self.slack(at: bench.clock.now())
                #expect(try await bench.send("POST", "/hooks/slack", again, body: Self.body).status == taken)
            }
            bench.clock.setWallClock(right)
            #expect(try await post() == taken)
            #expect(try await bench.events().count == 1)
            // The window closes when it would have closed.
            bench.clock.advance(by: .seconds(302))
            #expect(try await post() == 401)
            #expect(try await bench.events().count == 1)
        }
    }

    @Test(arguments: [-3600, -400 * 86_400])
    func `a request that nobody has seen is not new because the clock is set back`(
        seconds: Int
    ) async throws {
        try await IngestBench.with { bench async throws in
            func post(_ moment: Timestamp, _ id: String) async throws -> Int {
                let body = Self.body.replacing("Ev1", with: id)
                return try await bench.send("POST", "/hooks/slack", Self.slack(at: moment, body), body: body).status
            }
            let right = bench.clock.now()
            #expect((200..<300).contains(try await post(right, "Ev1")))
            let wrong = right + .seconds(seconds)
            bench.clock.setWallClock(wrong)
            // Kept since then, and never sent.
            #expect(try await post(wrong, "Ev2") == 401)
            // What the vendor signs now is taken, though the wall clock calls it early.
            #expect((200..<300).contains(try await post(right, "Ev3")))
            // Half an hour on, with a vendor that speaks, it is still so.
            for minute in 1...3 {
                bench.clock.advance(by: .seconds(1800))
                let now = right + .seconds(1800 * minute)
                #expect(try await post(bench.clock.now(), "kept-\(minute)") == 401)
                #expect((200..<300).contains(try await post(now, "Ev3-\(minute)")))
            }
            // A vendor that agrees with the wall clock for an hour convinces.
            #expect(try await post(bench.clock.now(), "Ev4") == 401)
            bench.clock.advance(by: .seconds(1800))
            #expect(try await post(bench.clock.now(), "Ev5") == 401)
            bench.clock.advance(by: .seconds(1800))
            #expect((200..<300).contains(try await post(bench.clock.now(), "Ev6")))
            #expect((200..<300).contains(try await post(bench.clock.now(), "Ev7")))
            #expect(try await bench.events().count == 7)
        }
    }

    @Test func `only what is signed tells which clock is right`() async throws {
        try await IngestBench.with { bench async throws in
            let right = bench.clock.now()
            _ = try await bench.send("POST", "/hooks/slack", Self.slack(at: right), body: Self.body)
            bench.clock.setWallClock(right - .seconds(86_400))
            for _ in 0..<3 {
                let forged = Self.slack(at: bench.clock.now()).map { name, value in
                    (name, name == "X-Slack-Signature" ? "v0=" + String(repeating: "00", count: 32) : value)
                }
                #expect(try await bench.send("POST", "/hooks/slack", forged, body: Self.body).status == 401)
                bench.clock.advance(by: .seconds(1801))
            }
            let kept = Self.slack(at: bench.clock.now())
            #expect(try await bench.send("POST", "/hooks/slack", kept, body: Self.body).status == 401)
        }
    }

    @Test func `a pause of minutes does not keep the window open`() async throws {
        try await IngestBench.with { bench async throws in
            let headers = Self.slack(at: bench.clock.now())
            // Stopped before the request was looked at: both clocks have gone on.
            bench.clock.advance(by: .seconds(600))
            #expect(try await bench.send("POST", "/hooks/slack", headers, body: Self.body).status == 401)
            #expect(try await bench.events().isEmpty)
        }
    }

    @Test(arguments: [-3600, -400 * 86_400]) func `a delivery id is remembered when the clock is set back`(
        seconds: Int
    ) async throws {
        try await IngestBench.with { bench async throws in
            _ = try await bench.send("POST", "/hooks/github", IngestBench.github("{}"), body: "{}")
            bench.clock.setWallClock(bench.clock.now() + .seconds(seconds))
            let again = try await bench.send("POST", "/hooks/github", IngestBench.github("{}"), body: "{}")
            #expect(again.status == 202)
            #expect(try await bench.events().count == 1)
        }
    }
}
