import GrapnelCore
import GrapnelQueue
import GrapnelRun
import Logging
import Synchronization
import TestSupport
import Testing

/// A version that breaks its sandbox is not let into another one.
@Suite struct QuarantineTests {
    private static let breaking = AttemptFailure(.syscall, "the system call 41 is not allowed", isRetryable: false)

    /// Breaks the sandbox in the first version; the second one is well behaved.
    private static func bench(
        _ recipes: [DeployedRecipe], quarantines: QuarantineList, notices: RecordingNotices = RecordingNotices()
    ) async throws -> DispatchBench {
        try await DispatchBench(recipes: recipes, quarantines: quarantines, notices: notices) { job, _ in
            job.version == Sample.version && job.recipe == "greeter"
                ? Sample.outcome(.failed(Self.breaking)) : Sample.outcome(.returned(nil))
        }
    }

    private static func waker(_ bench: DispatchBench, _ quarantines: QuarantineList) -> ParkedWaker {
        ParkedWaker(
            queue: bench.queue, quarantines: quarantines,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `a run that breaks its sandbox parks, and no other run of the version starts`() async throws {
        let quarantines = QuarantineList()
        let notices = RecordingNotices()
        let bench = try await Self.bench(
            [try Sample.recipe(), try Sample.recipe("other")], quarantines: quarantines, notices: notices)
        try await bench.withServices {
            let first = try #require(try await bench.accept().first)
            let parked = try await bench.run(first, reaches: [.parked])
            #expect(parked.run.parkReason == .quarantined)
            #expect(parked.attempts.map(\.failure?.kind) == [.syscall])
            try await bench.until { quarantines.find("greeter", Sample.version) != nil }
            let second = try #require(try await bench.accept().first)
            let waiting = try await bench.run(second, reaches: [.parked])
            #expect(waiting.run.parkReason == .quarantined)
            #expect(waiting.attempts.isEmpty && waiting.run.counters == WorkCounters())
            #expect(bench.isolates.jobs.map(\.run) == [first])
            // Other recipes go on, under the same version hash too.
            let other = try #require(try await bench.accept(["other"]).first)
            try await bench.run(other, reaches: [.succeeded])
            try await bench.until { notices.posted.count == 1 }
            #expect(notices.posted.first?.kind == .versionQuarantined)
            #expect(notices.posted.first?.subject == "greeter")
        }
        let next = try await bench.reopened()
        let kept = try await next.quarantines()
        #expect(kept.map(\.recipe) == ["greeter"] && kept.map(\.version) == [Sample.version])
        await next.close()
    }

    @Test func `a run that must be executed again is not when its version is in quarantine meanwhile`() async throws {
        let quarantines = QuarantineList()
        let queue = Mutex<(any QueueWriter)?>(nil)
        let bench = try await DispatchBench(recipes: [try Sample.recipe()], quarantines: quarantines) { job, host in
            _ = await host.perform(.keyValue(.increment(key: "n", by: 1, now: false)), remaining: .seconds(30))
            // Another run changes the same key, and a third one breaks its sandbox.
            _ = try? await queue.withLock { $0 }?.writeKeyValues(
                KeyValueBatch(
                    tenant: Sample.tenant, recipe: "greeter",
                    writes: [KeyValueWrite(key: "n", value: Array("7".utf8))]))
            _ = quarantines.add(
                Quarantine(
                    recipe: job.recipe, version: job.version, run: job.run, error: "broken",
                    since: Timestamp(milliseconds: 0)))
            return Sample.outcome(.returned(nil))
        }
        queue.withLock { $0 = bench.queue }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            let parked = try await bench.run(id, reaches: [.parked])
            #expect(parked.run.parkReason == .quarantined)
            #expect(bench.isolates.jobs.map(\.run) == [id])
        }
    }

    @Test func `another version wakes the parked runs and runs them`() async throws {
        let quarantines = QuarantineList()
        let bench = try await Self.bench([try Sample.recipe()], quarantines: quarantines)
        try await bench.withServices {
            let ids = [try await bench.accept(), try await bench.accept()].flatMap { $0 }
            for id in ids { try await bench.run(id, reaches: [.parked]) }
            try await bench.until { quarantines.find("greeter", Sample.version) != nil }
            let mended = Deployment([try Sample.recipe(version: Sample.otherVersion)])
            bench.deployments.replace(with: mended)
            try await Self.waker(bench, quarantines).wake(for: mended, connections: [:])
            for id in ids {
                let detail = try await bench.run(id, reaches: [.succeeded])
                #expect(detail.run.version == Sample.otherVersion)
            }
        }
    }

    @Test func `a person releases a version`() async throws {
        let quarantines = QuarantineList()
        let bench = try await Self.bench([try Sample.recipe()], quarantines: quarantines)
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            try await bench.run(id, reaches: [.parked])
            try await bench.until { quarantines.find("greeter", Sample.version) != nil }
            let waker = Self.waker(bench, quarantines)
            // As long as only this version is there, nothing wakes by itself.
            try await waker.wake(for: bench.deployments.current, connections: [:])
            #expect(try await bench.queue.run(id)?.run.state == .parked)
            #expect(try await waker.release("greeter") == 1)
            try await bench.until { bench.isolates.jobs.count == 2 }
            // It breaks its sandbox again.
            try await bench.until { quarantines.find("greeter", Sample.version) != nil }
            try await bench.run(id, reaches: [.parked])
            #expect(try await waker.release("nobody") == 0)
        }
    }

    @Test func `runs of a recipe that was gone wake when it is back`() async throws {
        let bench = try await Self.bench([try Sample.recipe("other")], quarantines: QuarantineList())
        try await bench.withServices {
            let id = try #require(try await bench.accept(["absent"], version: Sample.otherVersion).first)
            let parked = try await bench.run(id, reaches: [.parked])
            #expect(parked.run.parkReason == .recipeGone)
            let back = Deployment([try Sample.recipe("absent", version: Sample.otherVersion)])
            bench.deployments.replace(with: back)
            try await Self.waker(bench, QuarantineList()).wake(for: back, connections: [:])
            try await bench.run(id, reaches: [.succeeded])
        }
    }

    /// A handler that posts one message.
    private static let posting: ScriptedIsolates.Handler = { _, host in
        let call = IsolateOperation.call(
            connection: "slack", operation: "postMessage", input: [:], step: "welcome", timeout: nil)
        _ = await host.perform(call, remaining: .seconds(30))
        return Sample.outcome(.returned(nil))
    }

    @Test func `runs that a vendor refused wake when the credentials of the connection change`() async throws {
        let unauthorized = AttemptFailure(.callFailed, "401", isRetryable: false)
        let refused = Mutex(true)
        let broker = RecordingBroker { _ in
            refused.withLock { $0 } ? .endRun(.park(.connectionUnauthorized), unauthorized) : .output(["ok": true])
        }
        let recipe = try Sample.recipe(keys: "uses: { slack: [postMessage] }")
        let bench = try await DispatchBench(recipes: [recipe], broker: broker, handler: Self.posting)
        try await bench.withServices {
            let waker = Self.waker(bench, QuarantineList())
            let deployment = bench.deployments.current
            try await waker.wake(for: deployment, connections: ["slack": [1], "crm": [1]])
            let id = try #require(try await bench.accept().first)
            try await bench.run(id, reaches: [.parked])
            try await waker.wake(for: deployment, connections: ["slack": [1], "crm": [2]])
            #expect(try await bench.queue.run(id)?.run.state == .parked)
            refused.withLock { $0 = false }
            try await waker.wake(for: deployment, connections: ["slack": [2], "crm": [2]])
            try await bench.run(id, reaches: [.succeeded])
        }
    }

    // MARK: What comes while a run is on its way to be parked

    @Test func `credentials that come while a call is under way are taken`() async throws {
        let unauthorized = AttemptFailure(.callFailed, "401", isRetryable: false)
        let (asked, ask) = AsyncStream<Void>.makeStream()
        let (answers, answer) = AsyncStream<Void>.makeStream()
        let notices = RecordingNotices()
        let calls = Mutex(0)
        let broker = RecordingBroker { _ in
            let number = calls.withLock { calls in
                calls += 1
                return calls
            }
            guard number == 1 else { return .output(["ok": true]) }
            ask.yield()
            for await _ in answers { break }
            return .endRun(.park(.connectionUnauthorized), unauthorized)
        }
        broker.replace(credentials: ["slack": [1]])
        let recipe = try Sample.recipe(keys: "uses: { slack: [postMessage] }")
        let bench = try await DispatchBench(
            recipes: [recipe], broker: broker, notices: notices, handler: Self.posting)
        try await bench.withServices {
            let waker = Self.waker(bench, QuarantineList())
            try await waker.wake(for: bench.deployments.current, connections: ["slack": [1]])
            let id = try #require(try await bench.accept().first)
            for await _ in asked { break }
            broker.replace(credentials: ["slack": [2]])
            try await waker.wake(for: bench.deployments.current, connections: ["slack": [2]])
            answer.yield()
            try await bench.run(id, reaches: [.succeeded])
            #expect(notices.posted.isEmpty)
        }
    }

    @Test func `a recipe that comes back while a run parks for want of it is taken`() async throws {
        let random = InterposedRandomSource()
        let bench = try await DispatchBench(recipes: [try Sample.recipe("other")], random: random) { _, _ in
            Sample.outcome(.returned(nil))
        }
        let back = Deployment([try Sample.recipe("absent")])
        try await bench.withServices {
            random.interpose { bench.deployments.replace(with: back) }
            let id = try #require(try await bench.accept(["absent"]).first)
            try await bench.run(id, reaches: [.succeeded])
        }
    }

    @Test func `a version that is released while a run parks because of it is taken`() async throws {
        let random = InterposedRandomSource()
        let quarantines = QuarantineList([
            Quarantine(
                recipe: "greeter", version: Sample.version,
                run: IdentifierGenerator(clock: ManualClock(), random: random).next(), error: "call 41",
                since: Timestamp(milliseconds: 0))
        ])
        let bench = try await DispatchBench(
            recipes: [try Sample.recipe()], quarantines: quarantines, random: random
        ) { _, _ in Sample.outcome(.returned(nil)) }
        try await bench.withServices {
            random.interpose { quarantines.remove(recipe: "greeter") }
            let id = try #require(try await bench.accept().first)
            try await bench.run(id, reaches: [.succeeded])
        }
    }

    @Test func `a version that comes while a run breaks its sandbox is taken`() async throws {
        let random = InterposedRandomSource()
        let mended = Deployment([try Sample.recipe(version: Sample.otherVersion)])
        let quarantines = QuarantineList()
        let bench = try await DispatchBench(
            recipes: [try Sample.recipe()], quarantines: quarantines, random: random
        ) { job, _ in
            Sample.outcome(job.version == Sample.version ? .failed(Self.breaking) : .returned(nil))
        }
        try await bench.withServices {
            random.interpose { bench.deployments.replace(with: mended) }
            let id = try #require(try await bench.accept().first)
            let detail = try await bench.run(id, reaches: [.succeeded])
            #expect(detail.run.version == Sample.otherVersion)
            #expect(quarantines.find("greeter", Sample.version) != nil)
        }
    }
}
