import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

/// The management API over what waits for time, for another version, or for a person.
@Suite struct ManagementTimesTests {
    @Test func `schedules are listed, and a run is planned`() async throws {
        try await ManagementBench.with { bench async throws in
            let list = try await bench.ask("GET", "/v1/schedules").json
            #expect(list?["schedules"]?[0]?["expression"] == "@daily")
            #expect(list?["planned"] == [])
            let planned = try await bench.ask("POST", "/v1/recipes/greeter/schedule", ["in": "1h"])
            #expect(planned.status == 200)
            #expect(planned.json?["due_at"] == "2026-01-05T10:00:00.000Z")
            for wrong: JSON in [[:], ["at": "tomorrow"], ["in": "an hour"]] {
                #expect(try await bench.ask("POST", "/v1/recipes/greeter/schedule", wrong).status == 400)
            }
        }
    }

    @Test func `a parked run is shown with its quarantine, moved and tried again`() async throws {
        try await ManagementBench.with { bench async throws in
            let (_, run) = try await bench.accept()
            let leased = try #require(
                try await bench.queue.claimRuns(RunClaim(limit: 1, lease: .seconds(30))).first)
            #expect(try await bench.ask("POST", "/v1/runs/\(run)/retry").status == 409)
            #expect(try await bench.ask("POST", "/v1/runs/\(run)/move").status == 409)
            let failure = AttemptFailure(.syscall, "system call 41", isRetryable: false)
            _ = try await bench.queue.finishRun(
                RunFinish(
                    run: leased.run.id, fence: leased.fence, decision: .park(.quarantined),
                    counters: leased.run.counters.counting(.syscall),
                    attempt: Attempt(
                        ordinal: 1, startedAt: leased.run.createdAt, took: .zero, failure: failure,
                        version: leased.run.version), version: leased.run.version))
            let shown = try await bench.ask("GET", "/v1/runs/\(run)").json
            #expect(shown?["quarantine"]?["error"] == "system call 41")
            #expect(try await bench.ask("POST", "/v1/runs/\(run)/retry").status == 200)
            #expect(try await bench.queue.run(leased.run.id)?.run.state == .ready)
            let moved = try await bench.ask("POST", "/v1/runs/\(run)/move")
            #expect(moved.json?["moved"] == 1)
            #expect(try await bench.ask("POST", "/v1/recipes/greeter/move").status == 200)
            #expect(try await bench.ask("POST", "/v1/recipes/absent/move").status == 409)
            #expect(try await bench.ask("POST", "/v1/recipes/greeter/release").json?["released"] == 1)
            #expect(try await bench.ask("POST", "/v1/recipes/absent/release").status == 409)
        }
    }
}
