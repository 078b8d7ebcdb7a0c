import FaultVFS
import GrapnelCore
import GrapnelQueue
import Logging
import TestSupport

/// A hub's day in small: events come in alone and together, runs are claimed, call, end, leave outputs, and are deleted,
/// while the log is moved into the database now and then and the hub is started anew. A seed determines all of it.
actor Workload {
    /// Where an item stands and what is needed to go on with it.
    private enum Stage {
        case waiting
        case leased(LeasedRun)
        case calling(LeasedRun, Effect)
        case called(LeasedRun)
        case sending(LeasedOutput)
        case over
    }

    /// So small that the log is moved many times.
    static let limits = QueueLimits(logSize: .kibibytes(192))
    private static let version = RecipeVersion(String(repeating: "0af9", count: 16))
    private static let timeout = CallFailure(
        code: "timeout", message: "no answer", isRetryable: true, outcome: .unknown)

    static let logger = Logger(label: "queue") { _ in SwiftLogNoOpLogHandler() }

    private let seed: UInt64
    private let disk: FaultyDisk
    private let answering: Answering
    private let random: SeededRandomSource
    private let clock = ManualClock()
    private let ids: IdentifierGenerator
    private var queue: SQLiteQueue
    private var items: [Item] = []
    private var stages: [Stage] = []

    private init(seed: UInt64, disk: FaultyDisk, answering: Answering) async throws {
        self.seed = seed
        self.disk = disk
        self.answering = answering
        random = SeededRandomSource(seed: seed)
        ids = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: seed &+ 1))
        queue = try await Workload.open(disk.path, clock: clock)
    }

    /// Runs a workload of so many steps.
    ///
    /// - Parameters:
    ///   - forgetsFull: Whether the engine syncs as `synchronous=NORMAL` does.
    ///   - answering: When a change counts as answered.
    static func record(
        seed: UInt64, steps: Int, forgetsFull: Bool = false, answering: Answering = .afterCommit
    ) async throws -> Recording {
        let disk = try FaultyDisk(forgetsFull: forgetsFull)
        defer { disk.detach() }
        let workload = try await Workload(seed: seed, disk: disk, answering: answering)
        for _ in 0..<steps { try await workload.step() }
        return await workload.end()
    }

    static func open(
        _ path: String, clock: ManualClock, limits: QueueLimits = Workload.limits
    ) async throws -> SQLiteQueue {
        try await SQLiteQueue.open(
            path: path, limits: limits, clock: clock,
            ids: IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 11)), node: "test",
            logger: logger)
    }

    private func end() async -> Recording {
        await queue.close()
        return Recording(seed: seed, operations: disk.operations, items: items)
    }

    private func below(_ bound: Int) -> Int { DiskHistory.below(bound, random) }

    // MARK: Steps

    private func step() async throws {
        clock.advance(by: .milliseconds(below(2000)))
        switch below(40) {
        case 0..<6: try await accept(startNow: true)
        case 6..<8: try await accept(startNow: false)
        case 8..<10: try await acceptTogether(2 + below(7))
        case 10..<12: try await claim()
        case 12: try await claimOutputs()
        case 13: try await prune()
        case 14: try await extendLeases()
        case 15 where items.count > 10 && below(4) == 0: try await restart()
        default: try await advance()
        }
    }

    /// Asks for a change of some items and keeps what became of them.
    private func change<Value: Sendable>(
        _ changed: [Int], _ body: () async throws -> Value, others: (Value) -> [Int] = { _ in [] }
    ) async throws -> Value {
        let asked = disk.position
        let value = try await body()
        let answered = answering == .afterCommit ? disk.position : asked
        // After this empty write the writer is idle: a checkpoint and readers would be in each other's way.
        _ = try await queue.synchronousLevel()
        for number in Set(changed + others(value)).sorted() {
            try await observe(number, asked: asked, answered: answered)
        }
        return value
    }

    private func observe(_ number: Int, asked: Int, answered: Int) async throws {
        let state = try await ItemState(of: items[number], in: queue)
        if state == items[number].steps.last?.state { return }
        items[number].steps.append(Item.Step(state: state, asked: asked, answered: answered))
    }

    private func accept(startNow: Bool) async throws {
        let request = newItem(startNow: startNow)
        let number = items.count - 1
        let result = try await change([number]) { try await queue.accept(request) }
        if let run = result.leased.first { stages[number] = .leased(run) }
    }

    /// Lets one commit be slow, so that these gather behind it and share the next.
    private func acceptTogether(_ count: Int) async throws {
        let gate = disk.holdNext(FAULT_WRITE)
        let first = Task { try await accept(startNow: false) }
        await gate.arrival()
        let rest = (0..<count).map { index in Task { try await accept(startNow: index % 2 == 0) } }
        // By the time it is this one's turn, all before it have handed their writes over.
        await Task { withExtendedLifetime(self) {} }.value
        gate.open()
        try await first.value
        for task in rest { try await task.value }
    }

    private func claim() async throws {
        let claim = RunClaim(limit: 1 + below(3), lease: .seconds(30))
        let claimed = try await change([]) {
            try await queue.claimRuns(claim)
        } others: { claimed in
            claimed.compactMap { self.number(of: $0.event.id) }
        }
        for run in claimed {
            if let number = number(of: run.event.id) { stages[number] = .leased(run) }
        }
    }

    private func claimOutputs() async throws {
        let claim = OutputClaim(limit: 3, lease: .seconds(60))
        let claimed = try await change([]) {
            try await queue.claimOutputs(claim)
        } others: { claimed in
            claimed.compactMap { self.number(of: $0.event) }
        }
        for output in claimed {
            if let number = number(of: output.event) { stages[number] = .sending(output) }
        }
    }

    private func prune() async throws {
        let pruning = Pruning(before: clock.now() - .seconds(30), limit: 5)
        _ = try await change(Array(items.indices)) { try await queue.prune(pruning) }
        _ = try await queue.reclaim(SpaceReclaim(spare: .bytes(0), pages: 20))
    }

    private func extendLeases() async throws {
        var runs: [Identifier<Run>: Int64] = [:]
        var numbers: [Int] = []
        for (number, stage) in stages.enumerated() {
            guard case .leased(let run) = stage else { continue }
            runs[run.run.id] = run.fence
            numbers.append(number)
        }
        let extending = LeaseExtension(runs: runs, outputs: [:], lease: .seconds(60))
        _ = try await change(numbers) { try await queue.extendLeases(extending) }
    }

    private func restart() async throws {
        await queue.close()
        queue = try await Workload.open(disk.path, clock: clock)
    }

    /// Takes one item a step further.
    private func advance() async throws {
        guard !items.isEmpty else { return }
        let number = below(items.count)
        switch stages[number] {
        case .waiting, .over: return
        case .leased(let run):
            let effect = call(of: run, number)
            let beginning = CallBeginning(effect: effect, fence: run.fence, version: Workload.version, seen: nil)
            _ = try await change([number]) { try await queue.beginCall(beginning) }
            stages[number] = .calling(run, effect)
        case .calling(let run, let effect):
            let settlement = CallSettlement(
                effect: effect.id, sends: 1, state: .confirmed, status: 200, output: text(40 + below(3000)))
            try await change([number]) { try await queue.settleCall(settlement) }
            stages[number] = .called(run)
        case .called(let run): try await finish(run, number)
        case .sending(let output):
            let isUnknown = below(4) == 0
            let finish = OutputFinish(
                effect: output.effect.id, fence: output.fence,
                decision: isUnknown ? .retry(at: clock.now() + .seconds(5)) : .succeed,
                counters: output.counters.counting(isUnknown ? .callUnknown : nil),
                attempt: Attempt(
                    ordinal: output.counters.attempts + 1, startedAt: clock.now(), took: .milliseconds(80),
                    failure: isUnknown ? AttemptFailure(.callUnknown, "no answer") : nil, status: 200),
                state: isUnknown ? .unknown : .confirmed, status: isUnknown ? nil : 200,
                output: isUnknown ? nil : text(20), failure: isUnknown ? Workload.timeout : nil)
            _ = try await change([number]) { try await queue.finishOutput(finish) }
            stages[number] = isUnknown ? .waiting : .over
        }
    }

    private func finish(_ run: LeasedRun, _ number: Int) async throws {
        let fails = below(5) == 0
        let item = items[number]
        let output = OutputIntent(
            step: "slack.postMessage#1", connection: "slack", operation: "postMessage", effectClass: .atLeastOnce,
            input: text(100), fingerprint: fingerprint(number), idempotencyKey: "h1_\(number)", keyWindow: nil,
            delay: .zero, startNow: below(2) == 0)
        let failure = fails ? AttemptFailure(.threw, "it failed") : nil
        let finish = RunFinish(
            run: run.run.id, fence: run.fence, decision: fails ? .retry(at: clock.now() + .seconds(1)) : .succeed,
            counters: run.run.counters.counting(failure?.kind),
            attempt: Attempt(
                ordinal: run.run.counters.attempts + 1, startedAt: clock.now(), took: .microseconds(1234),
                failure: failure, version: Workload.version, coldStart: true,
                log: [LogLine(level: .info, at: clock.now(), message: "line of \(number)")]),
            version: Workload.version, result: fails ? nil : text(30), outputs: fails ? [] : [output],
            keyValues: fails ? [] : [KeyValueWrite(key: item.key, value: text(50))])
        let result = try await change([number]) { try await queue.finishRun(finish) }
        stages[number] = .waiting
        if case .finished(let leased) = result, let output = leased.first { stages[number] = .sending(output) }
    }

    // MARK: Material

    private func number(of event: Identifier<Event>) -> Int? { items.firstIndex { $0.event == event } }

    private func text(_ length: Int) -> [UInt8] {
        Array("\"\(String(repeating: "x", count: length))\"".utf8)
    }

    private func fingerprint(_ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 32)
    }

    private func newItem(startNow: Bool) -> AcceptedRequest {
        let number = items.count
        // Most are short, some take pages of their own.
        let body = text(below(10) == 0 ? 20_000 : 100 + below(1000))
        let request = InboundRequest(
            method: "POST", url: "https://hub.example/hooks/crm", query: "",
            headers: HeaderFields([("X-Kind", "test")]),
            body: body, peer: "192.0.2.1", receivedAt: clock.now())
        let event = Event(
            id: ids.next(), tenant: .default, source: "crm", type: "contact.creation", deliveryID: "delivery-\(number)",
            receivedAt: request.receivedAt, headers: request.headers, query: "", raw: body, bodyKind: .json)
        items.append(Item(number: number, event: event.id))
        stages.append(.waiting)
        let run = AcceptedRequest.NewRun(
            id: ids.next(), recipe: Item.recipe, version: Workload.version, startNow: startNow)
        return AcceptedRequest(
            id: ids.next(), tenant: .default, source: "crm", request: request,
            verdict: Verdict(scheme: "sha256", secretName: "CRM", secretVersion: "ab12"),
            events: [.init(event: event, fingerprint: fingerprint(number), runs: [run])],
            dedupeWindow: .seconds(604_800), lease: .seconds(30))
    }

    private func call(of run: LeasedRun, _ number: Int) -> Effect {
        let step = "crm.getContact#\(run.run.counters.attempts + 1)"
        return Effect(
            id: ids.next(), tenant: .default, origin: run.run.origin, run: run.run.id, recipe: Item.recipe, step: step,
            kind: .call, connection: "crm", operation: "getContact", effectClass: .safe, state: .inFlight,
            fingerprint: fingerprint(number), idempotencyKey: "h1_\(number)_\(step)", input: text(30), sends: 1,
            createdAt: clock.now(), sentAt: clock.now())
    }
}
