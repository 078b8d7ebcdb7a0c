import GrapnelCore
import GrapnelQueue
import GrapnelRun
import Synchronization
import TestSupport
import Testing

/// When the runs of a node start: `order_by` and its like, from the event to the isolate.
@Suite struct RunFlowTests {
    private static func returned(_ value: JSON? = nil) -> IsolateOutcome { Sample.outcome(.returned(value)) }

    private static func body(_ job: IsolateJob, _ member: String) -> Int {
        job.event.body()?[member]?.integer.map { Int($0) } ?? -1
    }

    @Test func `a thousand events of twenty keys start in order, and one key that fails leaves nineteen flowing`()
        async throws
    {
        let keys = 20
        let bad = 7
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: "order_by: body.key")]) { job, _ in
            Self.body(job, "key") == bad
                ? Sample.outcome(.failed(AttemptFailure(.threw, "the key is poisoned"))) : Self.returned()
        }
        // Every key has fifty events, and they come in any order of keys.
        let random = SeededRandomSource(seed: 20)
        let order = (0..<1000).map { (key: $0 % keys, place: random.next()) }.sorted { $0.place < $1.place }
        try await bench.withServices {
            var number = [Int](repeating: 0, count: keys)
            for (key, _) in order {
                let sequence = number[key]
                number[key] += 1
                try await bench.acceptMatching(body: #"{"key":\#(key),"sequence":\#(sequence)}"#)
                bench.clock.advance(by: .milliseconds(3))
            }
            try await bench.until {
                let counts = try await bench.queue.counts().runs
                return counts[.succeeded] == 950 && counts[.leased] == 0
            }
            var started = [[Int]](repeating: [], count: keys)
            for job in bench.isolates.jobs {
                started[Self.body(job, "key")].append(Self.body(job, "sequence"))
            }
            for key in 0..<keys where key != bad { #expect(started[key] == Array(0..<50), "key \(key)") }
            // Only its first was tried, as often as it was; the rest waits.
            #expect(!started[bad].isEmpty)
            #expect(started[bad].allSatisfy { $0 == 0 })
            #expect(try await bench.queue.counts().runs[.scheduled] == 50)
        }
    }

    @Test func `a recipe runs no more at a time than it says, and wastes no time`() async throws {
        let gate = Gate()
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: "concurrency: 2")]) { _, _ in
            await gate.pass()
            return Self.returned()
        }
        try await bench.withServices {
            for _ in 0..<7 { try await bench.acceptMatching(body: "{}") }
            try await bench.until { gate.arrivals == 2 }
            for _ in 0..<20 { await Task.yield() }
            #expect(gate.arrivals == 2)
            #expect(try await bench.queue.counts().runs[.ready] == 5)
            gate.open()
            // No poll is waited for: time stands still.
            try await bench.until { try await bench.queue.counts().runs[.succeeded] == 7 }
        }
    }

    @Test func `runs of one key are as many at a time as the recipe says`() async throws {
        let gate = Gate()
        let keys = "concurrency: { limit: 2, key: body.key }"
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: keys)]) { _, _ in
            await gate.pass()
            return Self.returned()
        }
        try await bench.withServices {
            for index in 0..<12 { try await bench.acceptMatching(body: #"{"key":\#(index % 2)}"#) }
            try await bench.until { gate.arrivals == 4 }
            #expect(bench.isolates.jobs.filter { Self.body($0, "key") == 0 }.count == 2)
            gate.open()
            try await bench.until { try await bench.queue.counts().runs[.succeeded] == 12 }
        }
    }

    @Test func `an event that is too old when its run would start is not handled`() async throws {
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: "expire: 1m")]) { _, _ in
            Self.returned()
        }
        let old = try #require(try await bench.acceptMatching(body: "{}").first)
        bench.clock.advance(by: .seconds(61))
        let young = try #require(try await bench.acceptMatching(body: "{}").first)
        try await bench.withServices {
            // Time stands still, so that the young one stays young.
            try await bench.until {
                let counts = try await bench.queue.counts().runs
                return counts[.succeeded] == 1 && counts[.dead] == 1
            }
            #expect(try await bench.queue.run(young)?.run.state == .succeeded)
            let expired = try #require(try await bench.queue.run(old))
            #expect(expired.run.deadReason == .expired)
            // It was never tried.
            #expect(expired.attempts.isEmpty && expired.run.counters == WorkCounters())
            #expect(expired.run.error?.contains("expire: of recipe.yaml") == true)
            // A person who asks for it again means it.
            let replay = try await bench.queue.replay(
                RunReplay(run: old, mode: .again, newRun: Identifier(high: 9, low: 9), version: nil))
            try await bench.until { try await bench.queue.run(replay)?.run.state == .succeeded }
            #expect(bench.isolates.jobs.map(\.run).contains(old) == false)
        }
    }

    @Test func `a run that was planned grows old from its own time on`() async throws {
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: "expire: 1m")]) { _, _ in
            Self.returned()
        }
        let planned = bench.clock.now() + .seconds(3600)
        let old = try #require(try await bench.acceptMatching(body: "{}", at: planned - .seconds(2)).first)
        let young = try #require(try await bench.acceptMatching(body: "{}", at: planned).first)
        bench.clock.advance(by: .seconds(3660))
        try await bench.withServices {
            try await bench.until {
                let counts = try await bench.queue.counts().runs
                return counts[.succeeded] == 1 && counts[.dead] == 1
            }
            #expect(try await bench.queue.run(young)?.run.state == .succeeded)
            #expect(try await bench.queue.run(old)?.run.deadReason == .expired)
        }
    }

    @Test func `a planned run that a person starts early grows old from then on`() async throws {
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: "expire: 1m")]) { _, _ in
            Self.returned()
        }
        let id = try #require(try await bench.acceptMatching(body: "{}", at: bench.clock.now() + .seconds(7200)).first)
        bench.clock.advance(by: .seconds(3600))
        try await bench.withServices {
            try await bench.queue.retry(id)
            try await bench.until { try await bench.queue.run(id)?.run.state == .succeeded }
        }
    }

    @Test func `the end of a run that was too old is told`() async throws {
        let notices = RecordingNotices()
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: "expire: 1m")], notices: notices) {
            _, _ in Self.returned()
        }
        let id = try #require(try await bench.acceptMatching(body: "{}").first)
        bench.clock.advance(by: .seconds(61))
        try await bench.withServices {
            try await bench.until { notices.posted.count == 1 }
            #expect(notices.posted.first?.kind == .deadLetter)
            #expect(notices.posted.first?.message.contains("expire: of recipe.yaml") == true)
            #expect(try await bench.queue.run(id)?.run.state == .dead)
        }
    }

    @Test func `a batch is handled as one`() async throws {
        let keys = "batch: { size: 3, within: 10s, key: body.key }"
        let bench = try await DispatchBench(recipes: [try Sample.recipe(keys: keys)]) { _, _ in Self.returned() }
        try await bench.withServices {
            for index in 0..<5 { try await bench.acceptMatching(body: #"{"key":1,"sequence":\#(index)}"#) }
            try await bench.until { bench.isolates.jobs.count == 1 }
            bench.clock.advance(by: .seconds(10))
            try await bench.until {
                bench.clock.advance(by: .milliseconds(100))
                return bench.isolates.jobs.count == 2
            }
            let sequences = bench.isolates.jobs.map { $0.batch.map { $0.body()?["sequence"] } }
            #expect(sequences == [[0, 1, 2], [3, 4]])
            #expect(bench.isolates.jobs.map { $0.event.id } == bench.isolates.jobs.compactMap { $0.batch.first?.id })
        }
    }

    @Test func `a recipe of a higher priority goes first`() async throws {
        let recipes = [
            try Sample.recipe("low", keys: "priority: -10"), try Sample.recipe("high", keys: "priority: 10"),
            try Sample.recipe("plain"),
        ]
        let bench = try await DispatchBench(recipes: recipes, configuration: .init(capacity: 1)) { _, _ in
            Self.returned()
        }
        for _ in 0..<3 { try await bench.acceptMatching(body: "{}") }
        try await bench.withServices {
            try await bench.until { try await bench.queue.counts().runs[.succeeded] == 9 }
            #expect(
                bench.isolates.jobs.map(\.recipe)
                    == ["high", "high", "high", "plain", "plain", "plain", "low", "low", "low"])
        }
    }

    @Test func `a flood that hangs leaves the others their places`() async throws {
        let gate = Gate()
        let bench = try await DispatchBench(recipes: try Self.neighbours(), configuration: .init(capacity: 16)) {
            job, _ in
            if job.recipe == "flood" { await gate.pass() }
            return Self.returned()
        }
        try await Self.flood(bench, 2000)
        try await bench.withServices {
            for _ in 0..<4 {
                for recipe in ["a", "b", "c"] { try await bench.accept([recipe]) }
            }
            try await bench.until { try await bench.queue.counts().runs[.succeeded] == 12 }
            #expect(gate.arrivals <= 12)
            await bench.shutDown()
            gate.open()
        }
    }

    @Test func `a flood delays the others by less than it takes to handle one of its runs twice`() async throws {
        let bench = try await DispatchBench(recipes: try Self.neighbours(), configuration: .init(capacity: 16)) {
            _, _ in
            Self.returned()
        }
        try await Self.flood(bench, 3000)
        try await bench.withServices {
            var delays: [Int] = []
            for _ in 0..<10 {
                for recipe in ["a", "b", "c"] {
                    let run = try #require(try await bench.accept([recipe]).first)
                    let before = bench.isolates.jobs.count
                    try await bench.until { bench.isolates.jobs.contains { $0.run == run } }
                    let place = bench.isolates.jobs.firstIndex { $0.run == run } ?? .max
                    delays.append(place - before)
                }
            }
            // Two claims may be under way when the event comes; behind the flood it would be thousands.
            #expect(delays.allSatisfy { $0 <= 48 }, "\(delays)")
            let counts = try await bench.queue.counts().runs
            #expect(counts[.ready] ?? 0 > 500, "the flood was over before it was measured")
        }
    }

    @Test func `recipes that waited behind a flood when the hub started have their turns`() async throws {
        let bench = try await DispatchBench(recipes: try Self.neighbours(), configuration: .init(capacity: 16)) {
            _, _ in
            Self.returned()
        }
        try await Self.flood(bench, 2000)
        for _ in 0..<3 { try await bench.accept(["a", "b", "c"]) }
        try await bench.withServices {
            try await bench.until { bench.isolates.jobs.filter { $0.recipe != "flood" }.count == 9 }
            let last = bench.isolates.jobs.lastIndex { $0.recipe != "flood" } ?? .max
            #expect(last < 64, "place \(last)")
        }
    }

    private static func neighbours() throws -> [DeployedRecipe] {
        try ["flood", "a", "b", "c"].map { try Sample.recipe($0) }
    }

    private static func flood(_ bench: DispatchBench, _ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask { for _ in 0..<(count / 16) { try await bench.accept(["flood"]) } }
            }
            try await group.waitForAll()
        }
        bench.clock.advance(by: .seconds(1))
    }
}
