import GrapnelCore
import GrapnelRun
import TestSupport
import Testing

/// How isolates are made, kept, and let go.
@Suite struct IsolatePoolTests {
    /// Counts the runs of its isolate.
    private static let counting = "globalThis.runs = (globalThis.runs ?? 0) + 1; return globalThis.runs"

    @Test func `an isolate serves one version of one recipe of one tenant, again and again`() async throws {
        try await IsolateBench.with { bench async throws in
            #expect(try await bench.value(Self.counting) == 1)
            #expect(try await bench.value(Self.counting) == 2)
            #expect(try await bench.value(Self.counting, version: Sample.otherVersion) == 1)
            #expect(try await bench.value(Self.counting, recipe: "another") == 1)
            let other = await bench.run(Self.counting, tenant: TenantID("other"))
            #expect(other.result == .returned(1))
            #expect(try await bench.value(Self.counting) == 3)
        }
    }

    @Test func `a warm start is told from a cold one`() async throws {
        try await IsolateBench.with { bench async throws in
            #expect(await bench.run("return 1").coldStart)
            #expect(await bench.run("return 1").coldStart == false)
        }
    }

    @Test func `a fresh run gets an isolate of its own`() async throws {
        try await IsolateBench.with { bench async throws in
            for _ in 0..<3 {
                #expect(await bench.run(Self.counting, isFresh: true).result == .returned(1))
            }
        }
    }

    @Test func `an isolate is replaced after so many runs`() async throws {
        try await IsolateBench.with(maxRuns: 2) { bench async throws in
            var counts: [JSON?] = []
            for _ in 0..<5 { counts.append(try await bench.value(Self.counting)) }
            #expect(counts == [1, 2, 1, 2, 1])
        }
    }

    @Test func `a retired version's isolates are gone`() async throws {
        try await IsolateBench.with { bench async throws in
            #expect(try await bench.value(Self.counting, version: Sample.version) == 1)
            bench.pool.retire(version: Sample.version)
            #expect(try await bench.value(Self.counting, version: Sample.version) == 1)
        }
    }

    @Test func `runs beyond the isolates wait their turn`() async throws {
        try await IsolateBench.with(maxIsolates: 2) { bench async throws in
            let values = await withTaskGroup(of: IsolateOutcome.Result.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        await bench.run("await new Promise((done) => setTimeout(done, 5)); return 'done'").result
                    }
                }
                var all: [IsolateOutcome.Result] = []
                for await result in group { all.append(result) }
                return all
            }
            #expect(values.count == 12)
            #expect(values.allSatisfy { $0 == .returned("done") })
        }
    }

    @Test func `a long line of one recipe does not hold back another's run`() async throws {
        try await IsolateBench.with(maxIsolates: 2) { bench async throws in
            let (gate, ended) = (Gate(), Gate())
            let host = RecordingHost { _ in
                await gate.pass()
                return .text(nil)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        _ = await bench.run("await call.slack.postMessage({})", recipe: "many", host: host)
                    }
                }
                group.addTask {
                    _ = await bench.run("return 1", recipe: "one")
                    ended.open()
                }
                var gone = 0
                // Both isolates are taken; from then on one is let go whenever another takes its place.
                while !ended.isOpen {
                    try await Patience.until { ended.isOpen || gate.arrivals > gone + 1 }
                    gate.letOneGo()
                    gone += 1
                }
                let arrived = gate.arrivals
                gate.open()
                #expect(arrived < 20, "it waited for \(arrived) runs of the other recipe")
                try await group.waitForAll()
            }
        }
    }

    @Test func `an idle isolate makes room for another recipe`() async throws {
        try await IsolateBench.with(maxIsolates: 2) { bench async throws in
            for name in ["a", "b", "c", "d", "a"] {
                #expect(try await bench.value(Self.counting, recipe: name) != nil)
            }
        }
    }

    @Test func `a run that is called off is handed back`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost()
            let (asked, ask) = AsyncStream.makeStream(of: Void.self)
            let waiting = RecordingHost { _ in
                ask.yield()
                return .text(nil)
            }
            let work = Task {
                await bench.run(
                    "await call.crm.getContact({}); await new Promise((done) => setTimeout(done, 60_000))",
                    host: waiting)
            }
            for await _ in asked { break }
            work.cancel()
            guard case .failed(let failure) = await work.value.result else { throw HostedError("it ended well") }
            #expect(failure.kind == .handedBack)
            #expect(host.log.isEmpty)
        }
    }

    @Test func `isolates do not share their random numbers`() async throws {
        try await IsolateBench.with(waiting: 4) { bench async throws in
            var seen: Set<String> = []
            for _ in 0..<6 {
                let outcome = await bench.run(
                    "return [Math.random(), crypto.randomUUID()].join()", isFresh: true)
                guard case .returned(let value?) = outcome.result else { throw HostedError("\(outcome.result)") }
                seen.insert(value.string ?? "")
            }
            #expect(seen.count == 6)
        }
    }

    @Test func `every layer of the sandbox holds`() async throws {
        try await IsolateBench.with { bench async throws in
            _ = try await bench.value("return 1")
            let report = bench.pool.report
            for layer in SandboxReport.Layer.allCases {
                #expect(report.layers[layer] == .active, "\(layer)")
            }
        }
    }
}
