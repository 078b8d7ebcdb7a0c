import GrapnelCore
import GrapnelQueue
import GrapnelRun
import TestSupport
import Testing

@Suite struct SchedulerTests {
    private static let everyHour = #"{ schedule: "0 * * * *" }"#

    private static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    @Test func `a tick is an event with a run of its recipe`() async throws {
        let bench = try await SchedulerBench(#"{ schedule: "*/5 * * * *", timezone: Europe/Berlin }"#)
        await bench.pass(.seconds(300), step: .seconds(60))
        let stored = try #require(try await bench.queue.events(EventQuery()).first)
        #expect(stored.event.source == "schedule:greeter")
        #expect(stored.event.type == "schedule.tick")
        #expect(stored.event.deliveryID?.hasSuffix("@2026-01-05T09:05:00.000Z") == true)
        #expect(
            stored.event.body() == [
                "scheduled_at": "2026-01-05T09:05:00.000Z", "timezone": "Europe/Berlin", "expression": "*/5 * * * *",
                "missed": 0,
            ])
        #expect(stored.verdict == .internal)
        let run = try #require(try await bench.queue.runs(of: stored.event.id).first)
        #expect(run.recipe == "greeter" && run.state == .ready && run.version == Sample.version)
        #expect(try await bench.runs() == 1)
    }

    @Test func `a tick runs once, however often it is looked at, also by another scheduler`() async throws {
        let bench = try await SchedulerBench(Self.everyHour)
        let other = bench.restarted()
        _ = await other.look()
        await bench.pass(.seconds(3600), step: .seconds(1200))
        _ = await bench.scheduler.look()
        // This one has not seen that the tick is recorded.
        _ = await other.look()
        _ = await bench.restarted().look()
        #expect(try await bench.ticks() == ["2026-01-05T10:00"])
        #expect(try await bench.runs() == 1)
    }

    /// Each wall clock is moved in the middle of six hours, and back again an hour later or never.
    static let jumps: [(Duration, back: Bool)] = [
        .seconds(1), .seconds(-1), .seconds(3600), .seconds(-3600), .seconds(400 * 86_400), .seconds(-400 * 86_400),
        .seconds(1800), .seconds(-5400),
    ].flatMap { (jump: Duration) in [(jump, back: true), (jump, back: false)] }

    @Test(arguments: jumps) func `no tick runs twice when the wall clock is moved`(
        jump: Duration, back: Bool
    ) async throws {
        for expression in ["0 * * * *", "*/20 * * * *", "30 9-12 * * *", "* * * * *"] {
            let bench = try await SchedulerBench("{ schedule: \"\(expression)\" }")
            await bench.pass(.seconds(7000), step: .seconds(500))
            let before = try await bench.ticks().count
            await bench.jump(jump)
            // However far it went, no more than one tick makes up for what lies between.
            #expect(try await bench.ticks().count - before <= 1)
            await bench.pass(.seconds(3500), step: .seconds(500))
            if back {
                let count = try await bench.ticks().count
                await bench.jump(.zero - jump)
                #expect(try await bench.ticks().count - count <= 1)
            }
            await bench.pass(.seconds(11_000), step: .seconds(500))
            let ticks = try await bench.ticks()
            #expect(Set(ticks).count == ticks.count, "\(expression) \(ticks)")
            #expect(try await bench.runs() == ticks.count)
        }
    }

    @Test(arguments: [-3600, -86_400, -400 * 86_400]) func `a clock that was set back goes on with its schedule`(
        seconds: Int
    ) async throws {
        let bench = try await SchedulerBench(Self.everyHour)
        await bench.pass(.seconds(3600), step: .seconds(600))
        await bench.jump(.seconds(seconds))
        // Set back by up to a day, the clock shows times again that are done with; by more, it was wrong before.
        let again = seconds < -86_400 ? Duration.seconds(3600) : .seconds(3600 - seconds)
        await bench.pass(again, step: .seconds(600))
        #expect(try await bench.ticks().count == 2)
    }

    @Test func `a clock that stands still makes no tick, and none is lost`() async throws {
        let bench = try await SchedulerBench(Self.everyHour)
        let stuck = bench.clock.now()
        for _ in 0..<10 {
            bench.clock.advance(by: .seconds(3600))
            bench.clock.setWallClock(stuck)
            _ = await bench.scheduler.look()
        }
        #expect(try await bench.ticks().isEmpty)
        await bench.jump(.seconds(3600))
        #expect(try await bench.ticks() == ["2026-01-05T10:00"])
    }

    @Test func `of the ticks of a stop the last runs, and says how many were missed`() async throws {
        let bench = try await SchedulerBench(Self.everyHour)
        bench.clock.advance(by: .seconds(5 * 3600 + 1800))
        _ = await bench.restarted().look()
        #expect(try await bench.ticks() == ["2026-01-05T14:00"])
        let event = try #require(try await bench.queue.events(EventQuery()).first?.event)
        #expect(event.body()?["missed"] == 4)
    }

    @Test func `a pause of minutes makes no storm`() async throws {
        let bench = try await SchedulerBench(#"{ schedule: "* * * * *" }"#)
        await bench.pass(.seconds(120), step: .seconds(60))
        bench.clock.advance(by: .seconds(300))
        _ = await bench.scheduler.look()
        #expect(try await bench.ticks() == ["2026-01-05T09:01", "2026-01-05T09:02", "2026-01-05T09:07"])
    }

    @Test func `with catch_up none a missed tick is passed over`() async throws {
        let bench = try await SchedulerBench(#"{ schedule: "0 * * * *", catch_up: none }"#)
        bench.clock.advance(by: .seconds(5400))
        _ = await bench.restarted().look()
        #expect(try await bench.ticks().isEmpty)
        // One that is looked at a little late was not missed.
        bench.clock.advance(by: .seconds(1830))
        _ = await bench.restarted().look()
        #expect(try await bench.ticks() == ["2026-01-05T11:00"])
    }

    @Test func `a day on which clocks are changed has one tick of each time`() async throws {
        for (start, expected) in [
            ("2026-03-27T12:00:00Z", ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]),
            ("2026-10-23T12:00:00Z", ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]),
        ] {
            let bench = try await SchedulerBench(
                #"{ schedule: "30 2 * * *", timezone: Europe/Berlin }"#, start: try Self.time(start))
            await bench.pass(.seconds(3 * 86_400), step: .seconds(600))
            #expect(try await bench.ticks() == expected)
        }
    }

    @Test func `a schedule begins when it is deployed, and anew when it comes back`() async throws {
        let bench = try await SchedulerBench(Self.everyHour)
        bench.clock.advance(by: .seconds(7200))
        let changed = bench.restarted([try Sample.recipe(on: #"{ schedule: "30 * * * *" }"#)])
        _ = await changed.look()
        #expect(try await bench.ticks().isEmpty)
        bench.clock.advance(by: .seconds(7200))
        _ = await bench.restarted().look()
        #expect(try await bench.ticks().isEmpty)
        await bench.pass(.seconds(3600), step: .seconds(3600))
        #expect(try await bench.queue.scheduleMarks().count == 1)
    }

    @Test func `a moment of a recipe comes once, also after a stop`() async throws {
        let bench = try await SchedulerBench("{ at: 2026-01-05T11:00:00+01:00 }")
        bench.clock.advance(by: .seconds(4 * 3600))
        _ = await bench.restarted().look()
        await bench.pass(.seconds(86_400), step: .seconds(3600))
        #expect(try await bench.ticks() == ["2026-01-05T10:00"])
        #expect(try await bench.scheduler.listings().map(\.next) == [nil])
    }

    @Test func `a run that a person plans is due then, and listed until then`() async throws {
        let bench = try await SchedulerBench("{ source: github }")
        let at = bench.clock.now() + .seconds(3600)
        let run = try await bench.scheduler.plan("greeter", at: at, body: ["n": 7])
        let detail = try #require(try await bench.queue.run(run))
        #expect(detail.run.state == .scheduled && detail.run.dueAt == at)
        let event = try #require(try await bench.queue.event(detail.run.event)).event
        #expect(event.type == "schedule.planned" && event.body() == ["n": 7])
        #expect(try await bench.scheduler.planned(limit: 10).map(\.id) == [run])
        #expect(try await bench.queue.claimRuns(RunClaim(limit: 5, lease: .seconds(30))).isEmpty)
        bench.clock.advance(by: .seconds(3600))
        #expect(try await bench.queue.claimRuns(RunClaim(limit: 5, lease: .seconds(30))).map(\.run.id) == [run])
        #expect(try await bench.scheduler.planned(limit: 10).isEmpty)
        await #expect(throws: ScheduleError.self) { try await bench.scheduler.plan("nobody", at: at) }
        await #expect(throws: ScheduleError.self) {
            try await bench.scheduler.plan("greeter", at: Timestamp(milliseconds: .max))
        }
    }

    @Test func `a listing says what comes and what came`() async throws {
        let bench = try await SchedulerBench(Self.everyHour)
        await bench.pass(.seconds(3700), step: .seconds(100))
        let listing = try #require(try await bench.scheduler.listings().first)
        #expect(listing.recipe == "greeter")
        #expect(listing.next == (try Self.time("2026-01-05T11:00:00Z")))
        #expect(listing.last == (try Self.time("2026-01-05T10:00:00Z")))
    }

    @Test func `the scheduler sleeps until the next tick, and looks up now and then`() async throws {
        let bench = try await SchedulerBench(Self.everyHour)
        #expect(await bench.scheduler.look() == .seconds(1))
        bench.clock.advance(by: .milliseconds(3_599_800))
        #expect(await bench.scheduler.look() == .milliseconds(200))
    }

    @Test func `a tick is remembered for two days, a planned run until its moment has passed`() async throws {
        let clock = ManualClock()
        let ids = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 3))
        let store = DeploymentStore(loader: RecipeLoader(bundles: nil), deployment: Deployment([try Sample.recipe()]))
        let maker = EventMaker(matcher: store, ids: ids, clock: clock)
        #expect(maker.tick(of: "greeter", body: [:], deliveryID: "x").dedupeWindow == .seconds(2 * 86_400))
        let days = [3660: 3662, 1: 3, -1: 2]
        for (lead, window) in days {
            let planned = maker.planned(
                ids.next(), of: "greeter", version: Sample.version, at: clock.now() + .seconds(lead * 86_400), body: [:]
            )
            #expect(planned.dedupeWindow == .seconds(window * 86_400))
        }
    }

    @Test func `a planned run that is asked for once more while it waits is one`() async throws {
        let bench = try await SchedulerBench(Self.everyHour)
        let (at, run) = (bench.clock.now() + .seconds(300 * 86_400), bench.ids.next(Run.self))
        let maker = EventMaker(matcher: bench.deployments, ids: bench.ids, clock: bench.clock)
        for day in [0, 299, 1] {
            bench.clock.advance(by: .seconds(day * 86_400))
            let planned = maker.planned(run, of: "greeter", version: Sample.version, at: at, body: [:])
            _ = try await bench.queue.accept(planned)
            #expect(try await !bench.queue.prune(Pruning(before: bench.clock.now())).hasMore)
        }
        #expect(try await bench.runs() == 1)
        #expect(try await bench.queue.run(run)?.run.dueAt == at)
    }
}
