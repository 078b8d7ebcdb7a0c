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
    private static func slack(at moment: Timestamp) -> [(String, String)] {
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
            let isInWindow = abs(seconds) <= 300
            #expect(try await post() == (isInWindow ? taken : 401))
            // What is signed now by the wrong clock is the same delivery.
            if isInWindow {
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
