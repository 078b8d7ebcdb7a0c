import GrapnelCore
import GrapnelQueue
import GrapnelRun
import TestSupport
import Testing

/// Events that kill real isolates.
@Suite struct PoisonTests {
    @Test(arguments: [
        ("memory: 16MiB, cpu: 20s", "const all = []; while (true) all.push({ n: Math.random(), list: [1, 2, 3] })"),
        ("cpu: 100ms", "while (true) {}"),
    ])
    func `three deaths make a run poison, and the other runs of the recipe proceed`(
        limits: String, harm: String
    ) async throws {
        try await IsolateBench.with { isolates async throws in
            let source = IsolateBench.source("if (event.body.poison) { \(harm) }\nreturn 'well'")
            let version = IsolateBench.version(of: source)
            let recipe = DeployedRecipe(
                manifest: try Sample.recipe(keys: "limits: { \(limits) }").manifest, version: version,
                script: Array(source.utf8), sourceMap: [])
            let bench = try await DispatchBench(recipes: [recipe]) { job, host in
                await isolates.pool.execute(job, host: host)
            }
            try await bench.withServices {
                let poison = try #require(try await bench.accept(version: version, body: #"{"poison":true}"#).first)
                for death in 1...2 {
                    try await bench.until {
                        let run = try await bench.queue.run(poison)?.run
                        return run?.state == .scheduled && run?.counters.deaths == death
                    }
                    // Another run of the version is not harmed by it.
                    let well = try #require(try await bench.accept(version: version).first)
                    try await bench.until { try await bench.queue.run(well)?.run.state == .succeeded }
                    // Each death is a fork for the run: they lie further apart than a second.
                    let due = try #require(try await bench.queue.run(poison)?.run.dueAt)
                    #expect(due - bench.clock.now() > .seconds(1))
                    bench.clock.advance(by: due - bench.clock.now())
                }
                try await bench.until { try await bench.queue.run(poison)?.run.state == .dead }
                let detail = try #require(try await bench.queue.run(poison))
                #expect(detail.run.deadReason == .poison)
                #expect(detail.run.counters == WorkCounters(attempts: 3, deaths: 3))
                #expect(detail.attempts.allSatisfy { $0.failure?.kind.isDeath == true })
            }
        }
    }
}
