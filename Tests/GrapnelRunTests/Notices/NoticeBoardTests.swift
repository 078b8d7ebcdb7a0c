import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import GrapnelRun
import Synchronization
import TestSupport
import Testing

/// Notices from what happened to the runs that tell of it.
@Suite struct NoticeBoardTests {
    /// An entry of `alerts:` as it is deployed.
    private static func alert(
        _ text: String = "{notice.message}", operation: String = "postMessage"
    ) throws -> DeployedRecipe {
        try forwarding(
            "alert:slack.\(operation)", on: "{ source: grapnel }",
            "{ connection: slack, operation: \(operation), input: { text: \"\(text)\" } }")
    }

    private static func forwarding(_ name: String, on: String, _ rule: String) throws -> DeployedRecipe {
        let manifest = try RecipeManifest.decode(yaml: "on: \(on)\nforward: \(rule)", name: name, file: "f")
        return DeployedRecipe(manifest: manifest, version: Sample.version, script: [], sourceMap: [])
    }

    private static func failing(_ job: IsolateJob) -> IsolateOutcome {
        Sample.outcome(.failed(AttemptFailure(.discarded, "no order \(job.recipe)", isRetryable: false)))
    }

    private static func texts(_ queue: any QueueReader) async throws -> [String] {
        try await queue.effects(EffectQuery()).reversed().map { String(decoding: $0.effect.input, as: UTF8.self) }
    }

    private static func notices(_ queue: any QueueReader) async throws -> [Event] {
        try await queue.events(EventQuery(source: "grapnel")).reversed().map(\.event)
    }

    @Test func `a run that gave up is told by the alerts, as a run with an effect`() async throws {
        let recipes = [try Sample.recipe("shop"), try Self.alert()]
        let bench = try await DispatchBench(recipes: recipes, tells: true) { job, _ in Self.failing(job) }
        try await bench.withServices { () async throws in
            let id = try #require(try await bench.accept(["shop"]).first)
            try await bench.until { try await !bench.queue.runs(RunQuery(states: [.succeeded])).isEmpty }
            let event = try #require(try await bench.queue.run(id)).run.event
            #expect(
                try await Self.texts(bench.queue)
                    == [#"{"text":"shop gave up on \#(event) (rejected): no order shop"}"#])
            let notice = try #require(try await Self.notices(bench.queue).first)
            #expect(notice.type == "notice.dead_letter")
            #expect(notice.body()?["subject"] == "shop")
            #expect(notice.body()?["details"]?["run"]?["id"]?.string == id.description)
            #expect(notice.body()?["details"]?["event"]?["source"] == "github")
        }
    }

    @Test func `on_failure names the recipe, the event, the run and the error`() async throws {
        let recipes = [
            try Sample.recipe("shop"), try Sample.recipe("other"),
            try Self.forwarding(
                "on-failure:shop",
                on: "{ source: grapnel, events: [notice.dead_letter], where: { body.subject: shop } }",
                "{ connection: slack, operation: postMessage, "
                    + "input: { text: '{recipe} gave up on {event.id} of {event.source}: {error} ({run.id})' } }"),
        ]
        let bench = try await DispatchBench(recipes: recipes, tells: true) { job, _ in Self.failing(job) }
        try await bench.withServices { () async throws in
            let ids = try await bench.accept(["other", "shop"])
            try await bench.until { try await !bench.queue.runs(RunQuery(states: [.succeeded])).isEmpty }
            let run = try #require(try await bench.queue.run(ids[1])).run
            #expect(
                try await Self.texts(bench.queue)
                    == [#"{"text":"shop gave up on \#(run.event) of github: no order shop (\#(run.id))"}"#])
            #expect(try await Self.notices(bench.queue).count == 2)
        }
    }

    @Test func `a notice that fails makes no notice`() async throws {
        let recipes = [try Sample.recipe("shop"), try Self.alert(operation: "unknown")]
        let bench = try await DispatchBench(recipes: recipes, tells: true) { job, _ in Self.failing(job) }
        try await bench.withServices { () async throws in
            try await bench.accept(["shop"])
            try await bench.until { try await bench.queue.runs(RunQuery(states: [.dead])).count == 2 }
        }
        let queue = try await bench.reopened()
        #expect(try await Self.notices(queue).count == 1)
        await queue.close()
    }

    @Test func `what a notice led to makes no notice`() async throws {
        let recipes = [
            try Sample.recipe("shop"), try Sample.recipe("watcher", on: "{ source: grapnel }"),
            try Sample.recipe("second", on: "{ source: 'recipe:watcher' }"),
        ]
        let bench = try await DispatchBench(recipes: recipes, tells: true) { job, host in
            guard job.recipe == "watcher" else { return Self.failing(job) }
            host.send(.emit(EventEmission(type: "seen", data: [:], step: "emit#1")))
            return Sample.outcome(.returned(nil))
        }
        try await bench.withServices { () async throws in
            try await bench.accept(["shop"])
            try await bench.until {
                try await bench.queue.runs(RunQuery(recipe: "second", states: [.dead])).count == 1
            }
        }
        let queue = try await bench.reopened()
        #expect(try await Self.notices(queue).count == 1)
        await queue.close()
    }

    @Test func `what comes again in the hour is counted, and said in the next notice`() async throws {
        let bench = try await DispatchBench(recipes: [try Self.alert()], tells: true) { job, _ in Self.failing(job) }
        try await bench.withServices { () async throws in
            let notice = Notice(kind: .parkedEffect, subject: "shop", message: "one waits")
            for _ in 0..<3 { await bench.board.post(notice) }
            #expect(try await Self.notices(bench.queue).count == 1)
            bench.clock.advance(by: .seconds(3600))
            await bench.board.post(notice)
            let bodies = try await Self.notices(bench.queue).map { $0.body()?["message"]?.string }
            #expect(bodies == ["one waits", "one waits (and 2 more)"])
        }
    }

    @Test func `a restart does not tell again what was told`() async throws {
        let bench = try await DispatchBench(recipes: [], tells: true) { job, _ in Self.failing(job) }
        try await bench.withServices { () async throws in
            let hourly = Notice(kind: .deadLetter, subject: "shop", message: "gave up")
            let once = Notice(kind: .sourceQuiet, subject: "github", message: "quiet", occasion: "since then")
            for board in [bench.board, bench.anotherBoard()] {
                await board.post(hourly)
                await board.post(once)
            }
            #expect(try await Self.notices(bench.queue).map(\.type) == ["notice.dead_letter", "notice.source_quiet"])
            bench.clock.advance(by: .seconds(29 * 86_400))
            let third = bench.anotherBoard()
            await third.post(once)
            await third.post(hourly)
            #expect(try await Self.notices(bench.queue).count == 3)
            // Two tellings of one delivery are no conflict, whatever they say.
            #expect(try await bench.queue.counts().conflicts == 0)
        }
    }

    @Test func `a notice that a full disk refused is stored when there is room`() async throws {
        let bench = try await DispatchBench(
            recipes: [], tells: true, limits: QueueLimits(databaseSize: .kibibytes(512))
        ) { job, _ in Self.failing(job) }
        try await bench.withServices { () async throws in
            // Until there is no room for the smallest.
            for bytes in [2000, 0] {
                var isFull = false
                while !isFull {
                    do { try await bench.accept([], bytes: bytes) } catch { isFull = true }
                }
            }
            await bench.board.post(Notice(kind: .connectionPaused, subject: "slack", message: "paused"))
            func isTold() async throws -> Bool {
                try await Self.notices(bench.queue).contains { $0.type == "notice.connection_paused" }
            }
            #expect(try await isTold() == false)
            bench.clock.advance(by: .seconds(10))
            while try await bench.queue.prune(Pruning(before: bench.clock.now(), limit: 50)).hasMore {}
            try await Patience.until {
                bench.clock.advance(by: .seconds(1))
                return try await isTold()
            }
            #expect(try await isTold())
        }
    }

    @Test func `writes that a disk refuses are told once an hour`() async throws {
        let bench = try await DispatchBench(recipes: []) { job, _ in Self.failing(job) }
        let (failures, failure) = AsyncStream.makeStream(of: QueueError.self)
        let board = bench.anotherBoard(failures: failures)
        let running = Task { try await board.run() }
        for _ in 0..<3 { failure.yield(QueueError(.storage, "no space")) }
        try await bench.until { try await Self.notices(bench.queue).count == 1 }
        bench.clock.advance(by: .seconds(3600))
        failure.yield(QueueError(.storage, "no space"))
        try await bench.until { try await Self.notices(bench.queue).count == 2 }
        let notices = try await Self.notices(bench.queue)
        #expect(notices.map(\.type) == ["notice.disk_full", "notice.disk_full"])
        #expect(notices.first?.body()?["message"]?.string?.contains("no space") == true)
        running.cancel()
        _ = await running.result
        await bench.queue.close()
    }
}
