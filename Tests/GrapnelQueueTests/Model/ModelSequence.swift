import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

/// One random sequence of commands, given to an engine and to the model. After each one both must say the same, and at
/// the end everything that is stored must be the same.
struct ModelSequence {
    private var bench: Bench
    private var model = QueueModel()
    private let random: SeededRandomSource
    /// What workers believe that they hold; some of it they have lost.
    private var runs: [LeasedRun] = []
    private var outputs: [LeasedOutput] = []
    private var calls: [(effect: Effect, run: LeasedRun)] = []
    private var known: [Identifier<Run>] = []
    /// The commands so far, for the one who looks for the fault.
    private(set) var trace: [String] = []

    private var queue: any QueueWriter & QueueReader { bench.queue }
    private var now: Timestamp { bench.clock.now() }

    init(_ store: any QueueStore, seed: UInt64) async throws {
        bench = try await Bench(store)
        random = SeededRandomSource(seed: seed)
    }

    mutating func run(commands: Int) async throws {
        for _ in 0..<commands {
            try await step()
        }
        try await compare()
        await bench.store.close(bench.queue)
    }

    private func pick(_ count: Int) -> Int { Int(random.next() % UInt64(max(count, 1))) }

    private func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[pick(elements.count)]
    }

    private func happens(_ percent: Int) -> Bool { pick(100) < percent }

    private mutating func step() async throws {
        bench.clock.advance(by: .milliseconds(pick(3) == 0 ? pick(20_000) : pick(50)))
        switch pick(100) {
        case 0..<22: try await accept()
        case 22..<34: try await claimRuns()
        case 34..<52: try await finishRun()
        case 52..<60: try await beginCall()
        case 60..<66: try await settleCall()
        case 66..<73: try await claimOutputs()
        case 73..<82: try await finishOutput()
        case 82..<85: try await extend()
        case 85..<88: try await rescue()
        case 88..<91: try await replay()
        case 91..<94: try await resolve()
        case 94: try await cancel()
        case 95..<97: try await prune()
        case 97: try await release()
        case 98: try await restart()
        default: bench.clock.advance(by: .seconds(pick(200_000)))
        }
    }

    /// What an engine refused a command with.
    private func code(_ body: () async throws -> Void) async throws -> QueueError.Code? {
        do {
            try await body()
            return nil
        } catch let error as QueueError {
            return error.code
        }
    }

    // MARK: Commands

    private mutating func accept() async throws {
        let recipes = ["lead", "mail", "bill"].filter { _ in happens(45) }
        let accepted = bench.accepted(
            "{\"n\":\(pick(3))}", delivery: happens(70) ? "d\(pick(12))" : nil, recipes: recipes, startNow: happens(40),
            window: .seconds(pick(4) == 0 ? 60 : 604_800))
        trace.append("accept \(accepted.events[0].event.deliveryID ?? "-") \(recipes)")
        let expected = model.accept(accepted, now: now)
        let result = try await queue.accept(accepted)
        try #require(result.dispositions == expected.dispositions)
        if result.dispositions == [.stored] { known += accepted.events[0].runs.map(\.id) }
        runs += result.leased
    }

    private mutating func claimRuns() async throws {
        let claim = RunClaim(
            limit: 1 + pick(5), excludedRecipes: happens(20) ? ["lead"] : [], lease: .seconds(30))
        let leased = try await queue.claimRuns(claim)
        trace.append("claim \(leased.map(\.run.id))")
        try model.claim(claim, gave: leased, now: now)
        runs += leased
    }

    private mutating func claimOutputs() async throws {
        let claim = OutputClaim(
            limit: 1 + pick(4), excludedConnections: happens(20) ? ["slack"] : [], lease: .seconds(60))
        let leased = try await queue.claimOutputs(claim)
        let parked = try await queue.effects(EffectQuery(deliveryStates: [.parked], limit: 1000)).map(\.effect.id)
        trace.append("claim outputs \(leased.map(\.effect.id))")
        try model.claim(claim, gave: leased, parked: Set(parked), now: now)
        outputs += leased
    }

    private mutating func finishRun() async throws {
        guard let run = pick(runs) else { return }
        var decision = WorkDecision.succeed
        if happens(40) {
            decision =
                [
                    .retry(at: now), .retry(at: now + .seconds(pick(400))), .die(.exhausted), .die(.rejected),
                    .park(.unknownEffect),
                ][pick(5)]
        }
        var finish = RunFinish(
            run: run.run.id, fence: run.fence, decision: decision,
            counters: run.run.counters.counting(decision == .succeed ? nil : .threw), attempt: bench.attempt(),
            version: Bench.version)
        for step in ["s0", "s1", "s2"] where happens(40) {
            let kind = pick(3)
            finish.outputs.append(
                bench.intent(
                    step, connection: happens(50) ? "slack" : "sms",
                    effectClass: [.atLeastOnce, .atMostOnce, .vendorKey, .idempotent][pick(4)],
                    input: "{\"i\":\(happens(90) ? 0 : kind)}", window: kind == 0 ? .seconds(3600) : nil,
                    delay: .seconds(happens(30) ? pick(100) : 0), startNow: happens(50),
                    lane: happens(40) ? "k\(pick(2))" : nil))
        }
        for key in ["a", "b"] where happens(20) {
            finish.keyValues.append(
                KeyValueWrite(
                    key: key, value: happens(80) ? Array("\(pick(9))".utf8) : nil,
                    expectedVersion: happens(30) ? Int64(pick(4)) : nil))
        }
        finish.keyValues = finish.keyValues.map { write in
            var write = write
            // One store for all recipes in the model: a name for each recipe.
            write.key = "\(run.run.recipe).\(write.key)"
            return write
        }
        trace.append("finish \(run.run.id) \(decision) \(finish.outputs.map(\.step))")
        let result = try await queue.finishRun(finish)
        var identities: [QueueModel.Step: Identifier<Effect>] = [:]
        for intent in finish.outputs {
            let effect = try await queue.effect(origin: run.run.origin, step: intent.step)
            identities[QueueModel.Step(origin: run.run.origin, name: intent.step)] = effect?.id
        }
        let expected = model.finish(finish, now: now) { identities[$0] }
        switch result {
        case .finished(let leased):
            try #require(expected == .finished(leased: Set(leased.map(\.effect.step))))
            outputs += leased
        case .keyValueConflict(let key): try #require(expected == .keyValueConflict(key: key))
        case .nondeterministic(let step, _): try #require(expected == .nondeterministic(step: step))
        case .fenced: try #require(expected == .fenced)
        }
        // Now and then a worker does not know that it has finished.
        if happens(80) { runs.removeAll { $0.run.id == run.run.id && $0.fence == run.fence } }
    }

    private mutating func finishOutput() async throws {
        guard let output = pick(outputs) else { return }
        let ends: [(WorkDecision, EffectState)] = [
            (.succeed, .confirmed), (.succeed, .confirmed), (.retry(at: now + .seconds(pick(400))), .failed),
            (.die(.rejected), .failed), (.retry(at: now), .unknown), (.park(.unknownEffect), .unknown),
            (.die(.exhausted), .unknown), (.retry(at: now), .intended),
        ]
        let (decision, state) = ends[pick(ends.count)]
        let finish = OutputFinish(
            effect: output.effect.id, fence: output.fence, decision: decision,
            counters: output.counters.counting(state == .confirmed ? nil : .callFailed), attempt: nil, state: state,
            status: 200, output: state == .confirmed ? Array("{}".utf8) : nil,
            failure: state == .failed || state == .unknown ? Bench.timeout : nil)
        trace.append("finish output \(output.effect.id) \(decision) \(state)")
        try #require(try await queue.finishOutput(finish) == model.finish(finish, now: now))
        if happens(80) { outputs.removeAll { $0.effect.id == output.effect.id && $0.fence == output.fence } }
    }

    private mutating func beginCall() async throws {
        guard let run = pick(runs) else { return }
        let name = "c\(pick(3))"
        let stored = model.effects[QueueModel.Step(origin: run.run.origin, name: name)]
        var effect = bench.call(
            run, step: name, effectClass: [.safe, .atMostOnce, .idempotent][pick(3)], sends: (stored?.sends ?? 0) + 1)
        if let stored, happens(95) { effect.id = stored.id }
        if let stored, happens(50) { effect.maybeDuplicate = stored.state == .unknown }
        let seen = happens(85) ? stored?.state : [.failed, .unknown, .inFlight][pick(3)]
        trace.append("begin \(run.run.id) \(name)")
        let beginning = CallBeginning(effect: effect, fence: run.fence, version: Bench.version, seen: seen)
        let expected = model.begin(beginning)
        switch try await queue.beginCall(beginning) {
        case .begun:
            try #require(expected == nil)
            calls.append((effect, run))
        case .exists: try #require(expected == .exists)
        case .fenced: try #require(expected == .fenced)
        case .paused: throw BenchFailure("nothing is paused")
        }
    }

    private mutating func settleCall() async throws {
        guard !calls.isEmpty else { return }
        let call = calls[pick(calls.count)]
        let state: EffectState = [.confirmed, .failed, .unknown][pick(3)]
        let settlement = CallSettlement(
            effect: call.effect.id, sends: call.effect.sends, state: state, status: 200,
            output: state == .confirmed ? Array("{\"ok\":1}".utf8) : nil,
            failure: state == .confirmed ? nil : Bench.timeout)
        trace.append("settle \(call.effect.id) \(state)")
        let expected = model.settle(settlement, now: now)
        let queue = queue
        try #require(try await code { try await queue.settleCall(settlement) } == expected)
    }

    private mutating func extend() async throws {
        let leases = LeaseExtension(
            runs: Dictionary(runs.map { ($0.run.id, $0.fence) }) { first, _ in first },
            outputs: Dictionary(outputs.map { ($0.effect.id, $0.fence) }) { first, _ in first }, lease: .seconds(30))
        trace.append("extend")
        try #require(try await queue.extendLeases(leases) == model.extend(leases, now: now))
    }

    private mutating func rescue() async throws {
        trace.append("rescue")
        let expected = model.rescue(now: now)
        var report = try await queue.rescue(LeaseRescue())
        // What is told of it is for people; the states say the same.
        report.notices = []
        try #require(report == expected)
    }

    private mutating func replay() async throws {
        guard let old = pick(known) else { return }
        let replay = RunReplay(
            run: old, mode: happens(60) ? .missing : .again, newRun: bench.ids.next(), version: nil)
        trace.append("replay \(old) \(replay.mode)")
        let expected = model.replay(replay, now: now)
        let queue = queue
        try #require(try await code { _ = try await queue.replay(replay) } == expected)
        if expected == nil { known.append(replay.newRun) }
    }

    private mutating func resolve() async throws {
        guard let id = pick(model.effects.values.map(\.id).sorted()) else { return }
        let choice = EffectResolution.Choice.allCases[pick(3)]
        trace.append("resolve \(id) \(choice)")
        let expected = model.resolve(EffectResolution(effect: id, choice: choice), now: now)
        let queue = queue
        try #require(
            try await code { _ = try await queue.resolve(EffectResolution(effect: id, choice: choice)) } == expected)
    }

    private mutating func cancel() async throws {
        let cancellation = Cancellation(
            runs: (0..<pick(3)).compactMap { _ in pick(known) },
            outputs: (0..<pick(3)).compactMap { _ in pick(model.effects.values.map(\.id).sorted()) })
        trace.append("cancel \(cancellation.runs) \(cancellation.outputs)")
        let expected = model.cancel(cancellation, now: now)
        try #require(try await queue.cancel(cancellation) == expected)
    }

    private mutating func release() async throws {
        guard let id = pick(model.events.keys.sorted()) else { return }
        let release = ConflictRelease(event: id, runs: [bench.new("lead")])
        trace.append("release \(id)")
        let expected = model.release(release, now: now)
        let queue = queue
        try #require(try await code { _ = try await queue.release(release) } == expected)
        if expected == nil { known += release.runs.map(\.id) }
    }

    private mutating func prune() async throws {
        let before = now - .seconds(pick(400_000))
        trace.append("prune")
        let expected = model.prune(before: before, now: now)
        var deleted = 0
        while true {
            let report = try await queue.prune(Pruning(before: before, limit: 10_000))
            deleted += report.events
            guard report.hasMore else { break }
        }
        try #require(deleted == expected)
    }

    private mutating func restart() async throws {
        trace.append("restart")
        bench = try await bench.restarted()
        model.restart()
    }

    // MARK: Comparing

    /// Everything that is stored, of both.
    private func compare() async throws {
        for (id, run) in model.runs {
            let stored = try await queue.run(id)?.run
            try #require(stored?.state == run.work.state, "\(id)")
            try #require(stored?.deadReason == run.work.deadReason, "\(id)")
            try #require(stored?.parkReason == run.work.parkReason, "\(id)")
            try #require(stored?.counters == run.work.counters, "\(id)")
            try #require(stored?.dueAt == run.work.dueAt, "\(id)")
            try #require(stored?.origin == run.origin, "\(id)")
        }
        for (step, effect) in model.effects {
            let detail = try await queue.effect(effect.id)
            let stored = detail?.effect
            try #require(stored?.step == step.name && stored?.origin == step.origin)
            try #require(stored?.state == effect.state, "\(step)")
            try #require(stored?.sends == effect.sends, "\(step)")
            try #require(stored?.maybeDuplicate == effect.maybeDuplicate, "\(step)")
            try #require(stored?.humanSaidResend == effect.humanSaidResend, "\(step)")
            try #require(stored?.keyValidUntil == effect.keyValidUntil, "\(step)")
            try #require(stored?.output == effect.output, "\(step)")
            try #require(detail?.delivery?.state == effect.delivery?.state, "\(step)")
            try #require(detail?.delivery?.deadReason == effect.delivery?.deadReason, "\(step)")
            try #require(detail?.delivery?.parkReason == effect.delivery?.parkReason, "\(step)")
            try #require(detail?.delivery?.counters == effect.delivery?.counters, "\(step)")
            try #require(detail?.delivery?.dueAt == effect.delivery?.dueAt, "\(step)")
        }
        for (key, entry) in model.store {
            let recipe = String(key.prefix { $0 != "." })
            let stored = try await queue.keyValue(tenant: .default, recipe: recipe, key: key)
            try #require(stored?.value == entry.value && stored?.version == entry.version, "\(key)")
        }
        let counts = try await queue.counts()
        for state in WorkState.allCases {
            try #require(counts.runs[state] ?? 0 == model.runs.values.count { $0.work.state == state }, "\(state)")
            let outputs = model.effects.values.count { $0.delivery?.state == state }
            try #require(counts.outputs[state] ?? 0 == outputs, "outputs \(state)")
        }
        for state in EffectState.allCases {
            try #require(counts.effects[state] ?? 0 == model.effects.values.count { $0.state == state }, "\(state)")
        }
        try #require(counts.duplicates == model.duplicates && counts.conflicts == model.conflicts)
        try #require(try await queue.events(EventQuery(limit: 1000)).count == min(model.events.count, 1000))
    }
}
