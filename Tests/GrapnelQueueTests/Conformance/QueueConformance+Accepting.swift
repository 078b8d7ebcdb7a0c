import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    static var accepting: [ConformanceCase] {
        [
            ConformanceCase("an accepted event reads back as it came") { bench in
                let accepted = bench.accepted("{\"id\":1}", delivery: "d-1", recipes: ["a", "b"])
                let result = try await bench.queue.accept(accepted)
                #expect(result == AcceptedResult(dispositions: [.stored], leased: []))
                let event = accepted.events[0].event
                let stored = try #require(try await bench.queue.event(event.id))
                #expect(stored.event == event)
                #expect(stored.request == accepted.id)
                #expect(stored.verdict == accepted.verdict)
                #expect(stored.runs == 2)
                let request = try #require(try await bench.queue.request(accepted.id))
                #expect(request.request == accepted.request)
                #expect(request.verdict == accepted.verdict)
                #expect(request.events == [event.id])
                #expect(request.source == "crm")
                #expect(request.tenant == .default)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("the bytes of a body are kept exactly") { bench in
                var accepted = bench.accepted()
                let bytes = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                accepted.request.body = bytes
                accepted.events[0].event.raw = bytes
                accepted.events[0].event.bodyKind = .value
                accepted.events[0].event.value = Array("{\"a\":[1]}".utf8)
                accepted.events[0].event.parseError = "line 3"
                _ = try await bench.queue.accept(accepted)
                let stored = try await bench.queue.event(accepted.events[0].event.id)
                #expect(stored?.event == accepted.events[0].event)
                var empty = bench.accepted("")
                empty.events[0].event.bodyKind = .absent
                _ = try await bench.queue.accept(empty)
                #expect(try await bench.queue.event(empty.events[0].event.id)?.event.raw == [])
            },
            ConformanceCase("a run that starts now is leased and carries its event from memory") { bench in
                let accepted = bench.accepted("{\"n\":1}", recipes: ["lead"], startNow: true)
                let leased = try #require(try await bench.queue.accept(accepted).leased.first)
                #expect(leased.fence == 1)
                #expect(leased.hasEffects == false)
                #expect(leased.event == accepted.events[0].event)
                #expect(leased.run.state == .leased)
                #expect(leased.run.origin == leased.run.id)
                #expect(leased.run == (try await bench.run(leased.run.id)))
                #expect(try await bench.claimRuns().isEmpty)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a batch becomes its events in one request, in order") { bench in
                var accepted = bench.accepted("[1,2,3]", delivery: "b-0", recipes: ["lead"], startNow: true)
                for index in 1..<3 {
                    var element = accepted.events[0]
                    element.event.id = bench.ids.next()
                    element.event.deliveryID = "b-\(index)"
                    element.runs = [bench.new("lead", index == 1)]
                    accepted.events.append(element)
                }
                let result = try await bench.queue.accept(accepted)
                #expect(result.dispositions == [.stored, .stored, .stored])
                #expect(result.leased.map(\.event.deliveryID) == ["b-0", "b-1"])
                let request = try #require(try await bench.queue.request(accepted.id))
                #expect(request.events == accepted.events.map(\.event.id))
            },
            ConformanceCase("an empty batch is a request without events") { bench async throws in
                var accepted = bench.accepted("[]")
                accepted.events = []
                #expect(try await bench.queue.accept(accepted) == AcceptedResult(dispositions: [], leased: []))
                #expect(try await bench.queue.request(accepted.id)?.events == [])
            },
            ConformanceCase("rejected requests are kept with their body cut, and the oldest go first") { bench in
                let small = try await bench.restarted(
                    limits: QueueLimits(rejectedRequests: 3, rejectedBody: .bytes(4)))
                var ids: [Identifier<InboundRequest>] = []
                for index in 0..<5 {
                    let rejection = RejectedRequest(
                        id: small.ids.next(), tenant: .default, source: "crm", request: small.request("body \(index)"),
                        kind: .wrongSignature, detail: "no active secret matches")
                    ids.append(rejection.id)
                    try await small.queue.record(rejection)
                }
                let kept = try await small.queue.rejections(RequestQuery())
                #expect(kept.map(\.id) == [ids[4], ids[3], ids[2]])
                #expect(kept[0].request.body == Array("body".utf8))
                #expect(kept[0].kind == .wrongSignature)
                #expect(kept[0].detail == "no active secret matches")
                #expect(kept[0].request.headers.first("x-kind") == "test")
                let page = try await small.queue.rejections(RequestQuery(source: "crm", before: ids[4], limit: 1))
                #expect(page.map(\.id) == [ids[3]])
                #expect(try await small.queue.rejections(RequestQuery(source: "other")).isEmpty)
                #expect(try await small.queue.rejection(ids[4]) == kept[0])
                #expect(try await small.queue.rejection(ids[0]) == nil)
                #expect(try await small.queue.counts().rejections[.wrongSignature] == 5)
            },
        ]
    }

    static var deduplication: [ConformanceCase] {
        [
            ConformanceCase("the same delivery again is a duplicate and stores nothing") { bench in
                let first = bench.accepted("{}", delivery: "d-1", recipes: ["lead"])
                let second = bench.accepted("{}", delivery: "d-1", recipes: ["lead"], startNow: true)
                _ = try await bench.queue.accept(first)
                let result = try await bench.queue.accept(second)
                #expect(result.dispositions == [.duplicate(of: first.events[0].event.id)])
                #expect(result.leased.isEmpty)
                #expect(try await bench.queue.request(second.id) == nil)
                #expect(try await bench.queue.event(second.events[0].event.id) == nil)
                let counts = try await bench.queue.counts()
                #expect(counts.events == 1)
                #expect(counts.duplicates == 1)
                #expect(counts.requests == 2)
            },
            ConformanceCase("the same id with another body is a conflict without runs") { bench in
                let first = bench.accepted("{}", delivery: "d-1", recipes: ["lead"])
                let second = bench.accepted("{\"x\":1}", delivery: "d-1", recipes: ["lead"], startNow: true)
                let original = first.events[0].event.id
                _ = try await bench.queue.accept(first)
                let result = try await bench.queue.accept(second)
                #expect(result.dispositions == [.conflict(with: original)])
                #expect(result.leased.isEmpty)
                let stored = try #require(try await bench.queue.event(second.events[0].event.id))
                #expect(stored.event.conflictOf == original)
                #expect(stored.runs == 0)
                let again = try await bench.queue.accept(
                    bench.accepted("{\"x\":1}", delivery: "d-1", recipes: ["lead"]))
                #expect(again.dispositions == [.duplicate(of: stored.event.id)])
                let listed = try await bench.queue.events(EventQuery(onlyConflicts: true))
                #expect(listed.map(\.event.id) == [stored.event.id])
                #expect(try await bench.queue.counts().conflicts == 1)
            },
            ConformanceCase("a delivery without an id is never deduplicated") { bench async throws in
                for _ in 0..<2 { #expect(try await bench.queue.accept(bench.accepted()).dispositions == [.stored]) }
                #expect(try await bench.queue.events(EventQuery()).count == 2)
            },
            ConformanceCase("sources and tenants do not share delivery ids") { bench in
                _ = try await bench.queue.accept(bench.accepted(delivery: "d"))
                let other = try await bench.queue.accept(bench.accepted(delivery: "d", source: "shop"))
                #expect(other.dispositions == [.stored])
                let tenant = try await bench.queue.accept(bench.accepted(delivery: "d", tenant: TenantID("acme")))
                #expect(tenant.dispositions == [.stored])
            },
            ConformanceCase("a delivery id is forgotten when its window has passed") { bench in
                _ = try await bench.queue.accept(bench.accepted(delivery: "d", window: .seconds(60)))
                bench.clock.advance(by: .seconds(59))
                let inside = try await bench.queue.accept(bench.accepted(delivery: "d", window: .seconds(60)))
                #expect(inside.dispositions != [.stored])
                bench.clock.advance(by: .seconds(1))
                let after = try await bench.queue.accept(bench.accepted(delivery: "d", window: .seconds(60)))
                #expect(after.dispositions == [.stored])
            },
            ConformanceCase("a repeat inside one batch is a duplicate") { bench in
                var accepted = bench.accepted("[1,1]", delivery: "d", recipes: ["lead"])
                var twin = accepted.events[0]
                twin.event.id = bench.ids.next()
                twin.runs = [bench.new("lead")]
                accepted.events.append(twin)
                let result = try await bench.queue.accept(accepted)
                #expect(result.dispositions == [.stored, .duplicate(of: accepted.events[0].event.id)])
                #expect(try await bench.queue.request(accepted.id)?.events == [accepted.events[0].event.id])
            },
            ConformanceCase("a thousand deliveries of one id at once become one event") { bench in
                let results = try await withThrowingTaskGroup(of: AcceptedResult.self) { group in
                    for _ in 0..<1000 {
                        group.addTask {
                            try await bench.queue.accept(
                                bench.accepted("{}", delivery: "same", recipes: ["lead"], startNow: true))
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(results.filter { $0.dispositions == [.stored] }.count == 1)
                #expect(results.flatMap(\.leased).count == 1)
                let events = try await bench.queue.events(EventQuery())
                #expect(events.count == 1)
                #expect(events.first?.runs == 1)
                #expect(try await bench.queue.counts().duplicates == 999)
            },
            ConformanceCase("a released conflict gets its runs, once") { bench in
                _ = try await bench.queue.accept(bench.accepted("{}", delivery: "d"))
                let conflict = bench.accepted("{\"x\":1}", delivery: "d")
                _ = try await bench.queue.accept(conflict)
                let event = conflict.events[0].event.id
                let run = bench.new("lead", true)
                #expect(try await bench.queue.release(ConflictRelease(event: event, runs: [run])) == [run.id])
                let claimed = try await bench.claimRuns()
                #expect(claimed.map(\.run.id) == [run.id])
                #expect(claimed[0].event.conflictOf != nil)
                await bench.expect(.conflict) {
                    _ = try await bench.queue.release(ConflictRelease(event: event, runs: [bench.new("lead")]))
                }
                let plain = bench.accepted()
                _ = try await bench.queue.accept(plain)
                await bench.expect(.conflict) {
                    _ = try await bench.queue.release(
                        ConflictRelease(event: plain.events[0].event.id, runs: [bench.new("lead")]))
                }
                await bench.expect(.notFound) {
                    _ = try await bench.queue.release(ConflictRelease(event: bench.ids.next(), runs: []))
                }
            },
        ]
    }
}
