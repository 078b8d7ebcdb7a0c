import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import GrapnelRun
import Synchronization
import TestSupport
import Testing

/// Events that recipes emit: from the handler to the runs of those who want them.
@Suite struct EmissionTests {
    private static func emitting(
        _ type: String, _ data: JSON = ["total": 9], step: String = "emit#1", delay: Duration = .zero,
        at: Timestamp? = nil
    ) -> IsolateOutput {
        .emit(EventEmission(type: type, data: data, step: step, delay: delay, at: at))
    }

    private func host(
        event: Event = Sample.event(), keys: String = "", limits: HostLimits = HostLimits()
    ) throws -> RunHost {
        var leased = Sample.run()
        leased.event = event
        return RunHost(
            leased: leased, recipe: try Sample.recipe(keys: keys), broker: RecordingBroker(),
            store: MemoryKeyValues(), clock: ManualClock(), limits: limits)
    }

    @Test func `an emitted event starts the recipes that want it, and tells what led to it`() async throws {
        let recipes = [
            try Sample.recipe("shop"),
            try Sample.recipe(
                "price", on: "{ source: 'recipe:shop', events: [order.*], where: { body.total: { $gt: 5 } } }",
                version: Sample.otherVersion),
            try Sample.recipe("other", on: "{ source: 'recipe:shop', events: [customer.created] }"),
        ]
        let bench = try await DispatchBench(recipes: recipes) { job, host in
            if job.recipe == "shop" {
                host.send(Self.emitting("order.placed"))
                host.send(Self.emitting("order.small", ["total": 1], step: "emit#2"))
            }
            return Sample.outcome(.returned(nil))
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept(["shop"]).first)
            try await bench.until { bench.isolates.jobs.contains { $0.recipe == "price" } }
            let job = try #require(bench.isolates.jobs.first { $0.recipe == "price" })
            #expect(job.event.source == "recipe:shop")
            #expect(job.event.type == "order.placed")
            #expect(job.event.body() == ["total": 9])
            #expect(job.event.deliveryID == "\(id)/emit#1")
            #expect(job.event.cause == id)
            #expect(job.event.depth == 1)
            #expect(try await bench.queue.events(EventQuery(cause: id)).map(\.runs) == [0, 1])
        }
        #expect(Set(bench.isolates.jobs.map(\.recipe)) == ["shop", "price"])
    }

    @Test func `a run that fails emits nothing, and the attempt that succeeds emits once`() async throws {
        let tries = Mutex(0)
        let recipes = [try Sample.recipe("shop"), try Sample.recipe("price", on: "{ source: 'recipe:shop' }")]
        let bench = try await DispatchBench(recipes: recipes) { job, host in
            guard job.recipe == "shop" else { return Sample.outcome(.returned(nil)) }
            host.send(Self.emitting("order.placed"))
            let isFirst = tries.withLock { count in
                count += 1
                return count == 1
            }
            return isFirst
                ? Sample.outcome(.failed(AttemptFailure(.threw, "no"))) : Sample.outcome(.returned(nil))
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept(["shop"]).first)
            try await bench.run(id, reaches: [.succeeded])
            try await bench.until { bench.isolates.jobs.count == 3 }
            #expect(try await bench.queue.events(EventQuery(source: "recipe:shop")).count == 1)
        }
    }

    @Test func `the runs of an event wait for its delay or its time`() async throws {
        let recipes = [try Sample.recipe("shop"), try Sample.recipe("price", on: "{ source: 'recipe:shop' }")]
        let at = ManualClock().now() + .seconds(7200)
        let bench = try await DispatchBench(recipes: recipes) { job, host in
            if job.recipe == "shop" {
                host.send(Self.emitting("later", delay: .seconds(3600)))
                host.send(Self.emitting("at", step: "emit#2", at: at))
            }
            return Sample.outcome(.returned(nil))
        }
        try await bench.withServices {
            let id = try #require(try await bench.accept(["shop"]).first)
            let ended = try #require(try await bench.run(id, reaches: [.succeeded]).run.finishedAt)
            let runs = try await bench.queue.runs(RunQuery(recipe: "price"))
            #expect(runs.map(\.state) == [.scheduled, .scheduled])
            let dues = runs.compactMap(\.dueAt).sorted()
            // The clock goes on while the run ends.
            #expect(abs((dues[0] - (ended + .seconds(3600))).milliseconds) <= 60_000)
            #expect(dues[1] == at)
        }
    }

    @Test func `a loop ends at the depth limit, and the run that ends it shows the chain`() async throws {
        let recipes = [
            try Sample.recipe("ping", on: "[{ source: github }, { source: 'recipe:pong' }]"),
            try Sample.recipe("pong", on: "{ source: 'recipe:ping' }"),
        ]
        let configuration = DispatchConfiguration(host: HostLimits(depth: 3))
        let bench = try await DispatchBench(recipes: recipes, configuration: configuration) { job, host in
            host.send(Self.emitting("\(job.recipe).made"))
            return Sample.outcome(.returned(nil))
        }
        try await bench.withServices {
            try await bench.accept(["ping"])
            try await bench.until { try await bench.queue.runs(RunQuery(states: [.dead])).count == 1 }
        }
        let queue = try await bench.reopened()
        let dead = try #require(try await queue.runs(RunQuery(states: [.dead])).first)
        #expect(dead.recipe == "pong")
        #expect(dead.deadReason == .rejected)
        let message = try #require(dead.error)
        #expect(message.contains("limits.depth"))
        let links = ["github issues.opened", "→ ping", "recipe:ping ping.made", "→ pong", "recipe:pong pong.made"]
        for link in links { #expect(message.contains(link), "\(message)") }
        // Three events in a row, and none after the run that failed.
        #expect(try await queue.events(EventQuery()).map(\.event.depth).sorted() == [0, 1, 2, 3])
        await queue.close()
    }

    @Test(arguments: ["", "two words", "order.*", "line\nbreak", String(repeating: "x", count: 257)])
    func `a type that no recipe could name is refused`(type: String) throws {
        let host = try host()
        host.send(Self.emitting(type))
        #expect(host.harvest().refusal?.kind == .badOutput)
        #expect(host.harvest().emitted.isEmpty)
    }

    @Test func `events count as outputs`() throws {
        let host = try host(keys: "uses: { slack: [postMessage] }\nlimits: { outputs: 2 }")
        host.send(.send(Sample.output()))
        host.send(Self.emitting("one"))
        #expect(host.harvest().refusal == nil)
        host.send(Self.emitting("two", step: "emit#2"))
        #expect(host.harvest().refusal?.message.contains("limits.outputs") == true)
        #expect(host.harvest().emitted.map(\.type) == ["one"])
    }

    @Test func `the data of one event and of all have their limits`() throws {
        let limits = HostLimits(event: .bytes(20), events: .bytes(30))
        let large = try host(limits: limits)
        large.send(Self.emitting("large", .string(String(repeating: "x", count: 20))))
        #expect(large.harvest().refusal?.message.contains("20B") == true)
        let many = try host(limits: limits)
        many.send(Self.emitting("one", .string("0123456789abcdef")))
        #expect(many.harvest().refusal == nil)
        many.send(Self.emitting("two", .string("0123456789abcdef"), step: "emit#2"))
        #expect(many.harvest().refusal?.message.contains("30B") == true)
    }

    @Test func `a delay beyond the limit is refused`() throws {
        let late = try host()
        late.send(Self.emitting("late", at: ManualClock().now() + .seconds(31 * 86_400)))
        #expect(late.harvest().refusal?.message.contains("30d") == true)
        let early = try host()
        early.send(Self.emitting("early", at: Timestamp(milliseconds: 0)))
        #expect(early.harvest().refusal == nil)
    }
}
