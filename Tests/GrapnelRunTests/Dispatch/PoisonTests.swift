import GrapnelCore
import GrapnelQueue
import GrapnelRun
import Testing

/// Events that kill real isolates.
@Suite struct PoisonTests {
    @Test(arguments: [
        "const all = []; while (true) all.push(new Uint8Array(1 << 20).fill(7))", "while (true) {}",
    ])
    func `three deaths make a run poison, and the other runs of the recipe proceed`(harm: String) async throws {
        try await IsolateBench.with { isolates async throws in
            let source = IsolateBench.source("if (event.body.poison) { \(harm) }\nreturn 'well'")
            let version = IsolateBench.version(of: source)
            let recipe = DeployedRecipe(
                manifest: try Sample.recipe(keys: "limits: { cpu: 300ms }").manifest, version: version,
                script: Array(source.utf8), sourceMap: [])
            let bench = try await DispatchBench(recipes: [recipe]) { job, host in
                await isolates.pool.execute(job, host: host)
            }
            try await bench.withServices {
                let poison = try #require(try await bench.accept(version: version, body: #"{"poison":true}"#).first)
                let well = try #require(try await bench.accept(version: version, body: "{}").first)
                #expect(try await bench.run(well, reaches: [.succeeded]).run.counters.deaths == 0)
                do { try await bench.run(poison, reaches: [.dead]) } catch {
                    let d = try await bench.queue.run(poison);
                    print(
                        "DEBUG", d?.attempts.map { ($0.startedAt, $0.failure?.kind, $0.failure?.message) } as Any,
                        d?.run.dueAt as Any, bench.clock.now())
                }
                let detail = try await bench.run(poison, reaches: [.dead])
                #expect(detail.run.deadReason == .poison)
                #expect(detail.run.counters == WorkCounters(attempts: 3, deaths: 3))
                // Each death is a fork for the run: they lie further apart than a second.
                let starts = detail.attempts.map(\.startedAt).sorted()
                #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 > .seconds(1) })
                let later = try #require(try await bench.accept(version: version, body: "{}").first)
                try await bench.run(later, reaches: [.succeeded])
            }
        }
    }
}
