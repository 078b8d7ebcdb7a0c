import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import GrapnelRun
import Synchronization
import TestSupport
import Testing

@Suite struct RunDispatcherTests {
    private static let uses = "uses: { slack: [postMessage] }"

    private static func returned(_ value: JSON? = nil) -> IsolateOutcome { Sample.outcome(.returned(value)) }

    private static func failed(_ kind: AttemptFailureKind) -> IsolateOutcome {
        Sample.outcome(.failed(AttemptFailure(kind, "it failed")))
    }

    @Test func `a run that waits in the queue is claimed, executed and recorded`() async throws {
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { _, _ in Self.returned(["done": true]) }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            let detail = try await bench.run(id, reaches: [.succeeded])
            #expect(detail.run.result == Array(#"{"done":true}"#.utf8))
            #expect(detail.attempts.map(\.ordinal) == [1])
            #expect(bench.isolates.jobs.map(\.run) == [id])
        }
    }

    @Test func `a run that found a place starts without a claim`() async throws {
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { _, _ in Self.returned() }
        try await bench.withServices {
            // The first goes through the queue: nobody knew that it was empty.
            let first = try #require(try await bench.accept().first)
            try await bench.run(first, reaches: [.succeeded])
            try await bench.until { bench.dispatcher.reserve(recipe: "greeter") }
            bench.dispatcher.release(recipe: "greeter")
            let second = try #require(try await bench.accept().first)
            try await bench.until { try await bench.queue.run(second)?.run.state == .succeeded }
        }
    }

    @Test func `outputs are committed with the run and handed to the broker`() async throws {
        let broker = RecordingBroker()
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: Self.uses)], broker: broker) { _, host in
            host.send(.send(Sample.output("one")))
            host.send(.send(Sample.output("two")))
            return Self.returned()
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            let detail = try await bench.run(id, reaches: [.succeeded])
            #expect(Set(detail.effects.map(\.effect.step)) == ["one", "two"])
            try await bench.until { broker.record.delivered.count == 2 }
            #expect(broker.record.released.isEmpty)
        }
    }

    @Test func `a run that throws is tried again by the schedule and then gives up`() async throws {
        let recipe = try Sample.recipe(keys: "retries: { attempts: 3 }")
        let bench = try await DispatchBench(recipes: [recipe]) { _, _ in Self.failed(.threw) }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            let detail = try await bench.run(id, reaches: [.dead])
            #expect(detail.run.deadReason == .exhausted)
            #expect(detail.run.counters == WorkCounters(attempts: 3))
            #expect(detail.attempts.map(\.ordinal).sorted() == [1, 2, 3])
            let starts = detail.attempts.map(\.startedAt).sorted()
            #expect(starts[1] - starts[0] >= .seconds(4))
            #expect(starts[2] - starts[1] >= .seconds(240))
        }
    }

    @Test func `a run that kills its isolate three times is poison`() async throws {
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { _, _ in Self.failed(.memory) }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            #expect(try await bench.run(id, reaches: [.dead]).run.deadReason == .poison)
        }
    }

    @Test func `a run whose store changed under it is executed again at once`() async throws {
        let tries = Mutex(0)
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { _, host in
            let number = tries.withLock { count in
                count += 1
                return count
            }
            _ = await host.perform(.keyValue(.increment(key: "n", by: 1, now: false)), remaining: .seconds(30))
            if number == 1 {
                // Somebody else writes between this run's look and its commit.
                _ = await host.perform(.keyValue(.increment(key: "other", by: 1, now: true)), remaining: .seconds(30))
            }
            return Self.returned()
        }
        try await bench.withServices {
            let ids = [try await bench.accept(), try await bench.accept(), try await bench.accept()].flatMap { $0 }
            for id in ids {
                let detail = try await bench.run(id, reaches: [.succeeded])
                #expect(detail.run.counters.attempts == 1)
            }
            let entry = try await bench.queue.keyValue(tenant: Sample.tenant, recipe: "greeter", key: "n")
            #expect(entry?.value == Array("3".utf8))
        }
    }

    @Test func `a run that always conflicts fails its attempt`() async throws {
        let recipe = try Sample.recipe(keys: "retries: { attempts: 1 }")
        let bench = try await DispatchBench(recipes: [recipe], configuration: .init(conflictTries: 3)) { _, host in
            _ = await host.perform(
                .keyValue(.set(key: "n", value: 1, ttl: nil, ifVersion: 0, now: false)), remaining: .seconds(30))
            return Self.returned()
        }
        try await bench.withServices {
            _ = try await bench.queue.writeKeyValues(
                KeyValueBatch(
                    tenant: Sample.tenant, recipe: "greeter",
                    writes: [KeyValueWrite(key: "n", value: Array("7".utf8))]))
            let id = try #require(try await bench.accept().first)
            // The conflict is seen by the handler, which ignores it, so the run itself goes well.
            #expect(try await bench.run(id, reaches: [.succeeded]).run.counters.attempts == 1)
        }
    }

    @Test func `a step that changes between replays is nondeterministic`() async throws {
        let texts = Mutex(["first", "second"])
        let broker = RecordingBroker()
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: Self.uses)], broker: broker) { _, host in
            host.send(.send(Sample.output(text: texts.withLock { $0.isEmpty ? "" : $0.removeFirst() })))
            return Self.returned()
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            try await bench.run(id, reaches: [.succeeded])
            let again = try await bench.queue.replay(
                RunReplay(run: id, mode: .missing, newRun: Identifier(high: 9, low: 9), version: nil))
            let detail = try await bench.run(again, reaches: [.dead])
            #expect(detail.run.deadReason == .nondeterministic)
            #expect(detail.run.error?.contains("first") == true && detail.run.error?.contains("second") == true)
            // Given back after the commit that says so.
            try await bench.until { broker.record.released.count == 1 }
        }
    }

    @Test func `a run with recorded effects keeps its version, and others take the active one`() async throws {
        let active = try Sample.recipe(version: Sample.otherVersion)
        let bench = try await DispatchBench(recipes: [active]) { _, _ in Self.returned() }
        try await bench.withServices {
            let id = try #require(try await bench.accept(version: Sample.version).first)
            let detail = try await bench.run(id, reaches: [.succeeded])
            #expect(detail.run.version == Sample.otherVersion)
            #expect(bench.isolates.jobs.map(\.version) == [Sample.otherVersion])
        }
    }

    @Test func `runs of a removed recipe are parked`() async throws {
        let bench = try await DispatchBench(recipes: []) { _, _ in Self.returned() }
        try await bench.withServices {
            let id = try #require(try await bench.accept(["gone"]).first)
            let detail = try await bench.run(id, reaches: [.parked])
            #expect(detail.run.parkReason == .recipeGone)
            #expect(detail.run.error?.contains("the recipe gone was removed") == true)
            // It was not tried.
            #expect(detail.run.counters == WorkCounters() && detail.attempts.isEmpty)
            #expect(bench.isolates.jobs.isEmpty)
        }
    }

    @Test func `what the ledger says ends the run`() async throws {
        let broker = RecordingBroker { _ in
            .endRun(.park(.unknownEffect), AttemptFailure(.callUnknown, "nobody knows"))
        }
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: Self.uses)], broker: broker) { _, host in
            let answer = await host.perform(
                .call(connection: "slack", operation: "postMessage", input: [:], step: "a", timeout: nil),
                remaining: .seconds(30))
            guard case .endRun(let failure) = answer else { return Self.returned() }
            return Sample.outcome(.failed(failure))
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            #expect(try await bench.run(id, reaches: [.parked]).run.parkReason == .unknownEffect)
        }
    }

    @Test func `the vendor hears the reply when it is committed, and nothing when the run fails`() async throws {
        let recipe = try Sample.recipe(keys: "reply: { within: 5s }")
        let tries = Mutex(0)
        let bench = try await DispatchBench(recipes: [recipe]) { _, _ in
            let number = tries.withLock { count in
                count += 1
                return count
            }
            return number == 1 ? Self.returned("hello") : Self.failed(.threw)
        }
        try await bench.withServices {
            let first = try #require(try await bench.accept().first)
            let reply = await bench.dispatcher.reply(to: first, within: .seconds(600))
            #expect(reply?.body == Array("hello".utf8))
            let event = try #require(try await bench.queue.run(first)?.run.event)
            #expect(try await bench.queue.reply(to: event) == reply)
            let second = try #require(try await bench.accept().first)
            #expect(await bench.dispatcher.reply(to: second, within: .seconds(600)) == nil)
        }
    }

    @Test func `a heartbeat keeps the lease of a long run`() async throws {
        let gate = Gate()
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { _, _ in
            await gate.pass()
            return Self.returned()
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            try await bench.until { gate.arrivals == 1 }
            for _ in 0..<12 {
                try await bench.until { bench.clock.sleeperCount >= 2 }
                bench.clock.advance(by: .seconds(5))
                for _ in 0..<50 { await Task.yield() }
            }
            let report = try await bench.queue.rescue(LeaseRescue())
            #expect(report.runs == 0)
            gate.open()
            #expect(try await bench.run(id, reaches: [.succeeded]).run.counters == WorkCounters(attempts: 1))
        }
    }

    @Test func `a run whose lease was lost is stopped and writes nothing`() async throws {
        let gate = Gate()
        let broker = RecordingBroker()
        let isFirst = Mutex(true)
        let bench = try await DispatchBench(
            recipes: [try Sample.recipe(keys: Self.uses)], configuration: .init(heartbeat: .seconds(45)), broker: broker
        ) { _, host in
            let wasFirst = isFirst.withLock { first in
                defer { first = false }
                return first
            }
            host.send(.send(Sample.output(text: wasFirst ? "stale" : "fresh")))
            if wasFirst { await gate.pass() }
            return Self.returned()
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            try await bench.until { gate.arrivals == 1 }
            bench.clock.advance(by: .seconds(31))
            #expect(try await bench.queue.rescue(LeaseRescue()).runs == 1)
            let detail = try await bench.run(id, reaches: [.succeeded])
            #expect(detail.run.counters.losses == 1)
            gate.open()
            let inputs = detail.effects.map { String(decoding: $0.effect.input, as: UTF8.self) }
            #expect(inputs == [#"{"text":"fresh"}"#])
        }
    }

    @Test func `a shutdown lets runs finish`() async throws {
        let gate = Gate()
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { _, _ in
            await gate.pass()
            return Self.returned()
        }
        let ids = Mutex<[Identifier<Run>]>([])
        try await bench.withServices {
            let accepted = try await bench.accept()
            ids.withLock { $0 = accepted }
            try await bench.until { gate.arrivals == 1 }
            await bench.shutDown()
            gate.open()
        }
        let queue = try await bench.reopened()
        let id = try #require(ids.withLock { $0.first })
        #expect(try await queue.run(id)?.run.state == .succeeded)
        #expect(!bench.dispatcher.reserve(recipe: "greeter"))
    }

    @Test func `what does not finish in time is handed back untried`() async throws {
        let gate = Gate()
        let stopped = Gate()
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { _, _ in
            await gate.pass()
            guard Task.isCancelled else { return Self.returned() }
            stopped.open()
            return Self.failed(.handedBack)
        }
        let ids = Mutex<[Identifier<Run>]>([])
        try await bench.withServices {
            let accepted = try await bench.accept()
            ids.withLock { $0 = accepted }
            try await bench.until { gate.arrivals == 1 }
            await bench.shutDown()
            try await bench.until {
                bench.clock.advance(by: .seconds(1))
                return stopped.isOpen
            }
        }
        // A lease that was not given back would be a loss to the one who opens the file next.
        let queue = try await bench.reopened()
        let id = try #require(ids.withLock { $0.first })
        let detail = try #require(try await queue.run(id))
        #expect(detail.run.state == .ready)
        #expect(detail.run.counters == WorkCounters())
        #expect(detail.attempts.isEmpty)
    }

    @Test func `a run that a person cancels is stopped by its next heartbeat`() async throws {
        let gate = Gate()
        let bench = try await DispatchBench(recipes: [try Sample.recipe()]) { _, _ in
            await gate.pass()
            return Task.isCancelled ? Self.failed(.handedBack) : Self.returned()
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept().first)
            let other = try #require(try await bench.accept().first)
            try await bench.until { gate.arrivals == 2 }
            let report = try await bench.queue.cancel(Cancellation(runs: [id]))
            #expect(report.endingRuns == [id])
            let detail = try await bench.run(id, reaches: [.cancelled, .succeeded, .ready])
            #expect(detail.run.state == .cancelled)
            #expect(try await bench.queue.run(other)?.run.state == .leased)
            gate.open()
            try await bench.run(other, reaches: [.succeeded])
            #expect(bench.isolates.jobs.count == 2)
        }
    }

    @Test func `a slow recipe leaves places for others`() async throws {
        let gate = Gate()
        let recipes = [try Sample.recipe("slow"), try Sample.recipe("quick")]
        let bench = try await DispatchBench(recipes: recipes, configuration: .init(capacity: 8)) { job, _ in
            if job.recipe == "slow" { await gate.pass() }
            return Self.returned()
        }
        try await bench.withServices {
            for _ in 0..<20 { try await bench.accept(["slow"]) }
            try await bench.until { gate.arrivals >= 2 }
            let id = try #require(try await bench.accept(["quick"]).first)
            try await bench.run(id, reaches: [.succeeded])
            #expect(bench.isolates.jobs.count { $0.recipe == "slow" } < 8)
            gate.open()
            try await bench.until {
                bench.clock.advance(by: .milliseconds(200))
                return try await bench.queue.counts().runs[.succeeded] == 21
            }
        }
    }
}
