import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    private static let value = "ada@example.com"

    /// Everything that holds the value, step by step.
    private static func find(_ bench: Bench, limit: Int = 2) async throws -> ErasureFindings {
        var all = ErasureFindings()
        var place: ErasurePlace? = .start
        while let here = place {
            let step = try await bench.queue.findErasable(
                ErasureScan(pattern: try #require(ErasurePattern(value)), place: here, limit: limit))
            all.stories += step.stories
            all.rejections += step.rejections
            all.keyValues += step.keyValues
            all.deliveries += step.deliveries
            all.open += step.open
            all.rows.merge(step.rows, uniquingKeysWith: +)
            all.visited += step.visited
            // A place survives its text, as it does between two requests.
            place = try step.next.map { try #require(ErasurePlace(text: $0.text)) }
        }
        return all
    }

    private static func erase(_ findings: ErasureFindings, _ bench: Bench) async throws -> Int {
        try await bench.queue.erase(
            Erasure(
                id: bench.ids.next(), pattern: try #require(ErasurePattern(value)), findings: findings, actor: "a test",
                subject: "5ubject", isLast: true))
    }

    /// A finished run whose event, log, result, reply, effects and store entry all hold the value.
    static func personalRun(_ bench: Bench, delivery: String? = "d-ada@example.com") async throws -> LeasedRun {
        let run = try await bench.leasedRun(
            delivery: delivery, body: "{\"email\":\"Ada@Example.com\",\"note\":\"hello\"}")
        let log = [LogLine(level: .info, at: bench.clock.now(), message: "wrote to ada@example.com")]
        var intent = bench.intent("welcome:ada@example.com", input: "{\"to\":\"ada@example.com\"}", startNow: true)
        // As a hash and a derived key, they show nothing of what they are made of.
        intent.fingerprint = [UInt8](repeating: 7, count: 32)
        intent.idempotencyKey = "h1_\(run.run.id)"
        let result = try await bench.queue.finishRun(
            RunFinish(
                run: run.run.id, fence: run.fence, decision: .succeed, counters: run.run.counters.counting(nil),
                attempt: bench.attempt(log: log), version: Bench.version,
                result: Array("{\"to\":\"ada@example.com\"}".utf8),
                reply: HTTPReply(
                    status: 200, headers: HeaderFields([("A", "b")]), body: Array("to=ada%40example.com".utf8)),
                outputs: [intent], keyValues: [KeyValueWrite(key: "seen:ada@example.com", value: [49])]))
        guard case .finished(let leased) = result, let output = leased.first else { throw BenchFailure("\(result)") }
        _ = try await bench.finish(
            output, .die(.exhausted), .failed,
            failure: CallFailure(code: "400", message: "no ada@example.com", isRetryable: false, outcome: .definite))
        return run
    }

    static var erasing: [ConformanceCase] {
        [
            ConformanceCase("a value is found wherever it stands, and nothing of it is left") { bench in
                let run = try await personalRun(bench)
                let other = try await bench.leasedRun(body: "{\"email\":\"grace@example.com\"}")
                _ = try await bench.finish(other)
                try await bench.queue.record(
                    RejectedRequest(
                        id: bench.ids.next(), tenant: .default, source: "crm",
                        request: bench.request("from ada@example.com"), kind: .missingSignature, detail: "no header"))
                let findings = try await find(bench)
                #expect(
                    findings.rows == [
                        "request": 1, "event": 1, "reply": 1, "run_result": 1, "effect": 1, "outcome": 1, "log": 1,
                        "rejected": 1, "kv": 1, "dedupe": 1,
                    ])
                #expect(findings.open.isEmpty)
                #expect(try await erase(findings, bench) == 10)
                #expect(try await find(bench).rows.isEmpty)

                // The story is still told.
                let stored = try #require(try await bench.queue.event(run.event.id))
                #expect(String(decoding: stored.event.raw, as: UTF8.self) == "\"[erased 2026-01-05]\"")
                let detail = try #require(try await bench.queue.run(run.run.id))
                #expect(detail.run.state == .succeeded)
                #expect(detail.attempts.first?.log.map(\.message) == ["[erased 2026-01-05]"])
                #expect(detail.effects.first?.effect.step.hasPrefix("[erased 2026-01-05]#") == true)
                #expect(detail.effects.first?.effect.failure?.code == "erased")
                #expect(try await bench.queue.keyValues(tenant: .default, recipe: "lead", prefix: "", limit: 9).isEmpty)
                let kept = try #require(try await bench.queue.event(other.event.id))
                #expect(kept.event == other.event)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a record tells of an erasure, and not of the value") { bench in
                _ = try await personalRun(bench)
                let id = bench.ids.next(AuditRecord.self)
                let pattern = try #require(ErasurePattern(value))
                let findings = try await find(bench)
                for isLast in [false, true] {
                    _ = try await bench.queue.erase(
                        Erasure(
                            id: id, pattern: pattern, findings: isLast ? ErasureFindings() : findings, actor: "grace",
                            subject: "abcd", isLast: isLast))
                    bench.clock.advance(by: .seconds(1))
                    let record = try #require(try await bench.queue.audit(limit: 10).first)
                    #expect(record.id == id)
                    #expect(record.actor == "grace")
                    #expect(record.subject == "abcd")
                    #expect(record.rows == 9)
                    #expect((record.finishedAt != nil) == isLast)
                }
                #expect(try await bench.queue.audit(limit: 10).count == 1)
            },
            ConformanceCase("what a run that is not over needs stays, and is told") { bench in
                let waiting = bench.accepted("{\"email\":\"ada@example.com\"}", recipes: ["lead"])
                _ = try await bench.queue.accept(waiting)
                let parked = try await bench.leasedRun(body: "{\"email\":\"ada@example.com\"}")
                guard
                    case .finished(let leased) = try await bench.finish(
                        parked, outputs: [bench.intent(effectClass: .atMostOnce, startNow: true)])
                else { throw BenchFailure("not finished") }
                _ = try await bench.finish(leased[0], .park(.unknownEffect), .unknown, failure: Bench.timeout)
                let findings = try await find(bench)
                #expect(Set(findings.open) == [waiting.events[0].runs[0].id, parked.run.id])
                #expect(try await erase(findings, bench) == 0)
                #expect(try await bench.queue.event(waiting.events[0].event.id)?.event == waiting.events[0].event)
            },
            ConformanceCase("spellings of URLs, forms and JSON are the same value, and short values are refused") { _ in
                let pattern = try #require(ErasurePattern("Zoë O\"Hara/1"))
                for text in [
                    "zoë o\"hara/1", "Zo%C3%AB%20O%22Hara%2F1", "Zo%c3%ab%20O%22Hara%2f1", "Zo%C3%AB+O%22Hara%2F1",
                    "{\"n\":\"Zoë O\\\"Hara/1\"}", "Zoë O\\\"Hara\\/1", "Zo\\u00eb O\\\"Hara/1",
                ] {
                    #expect(pattern.isIn(Array("<\(text)>".utf8)), "\(text)")
                }
                #expect(!pattern.isIn(Array("Zoe O'Hara".utf8)))
                #expect(!pattern.isIn([]))
                #expect(ErasurePattern("abc") == nil)
            },
        ]
    }
}
