import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

/// A store with a hand-moved clock, and short ways to put things into it.
struct Bench: Sendable {
    let store: any QueueStore
    let clock: ManualClock
    let ids: IdentifierGenerator
    let queue: any QueueWriter & QueueReader

    init(_ store: any QueueStore, limits: QueueLimits = QueueLimits()) async throws {
        self.store = store
        clock = ManualClock()
        ids = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 7))
        queue = try await store.open(clock: clock, limits: limits)
    }

    private init(_ store: any QueueStore, clock: ManualClock, ids: IdentifierGenerator, limits: QueueLimits)
        async throws
    {
        self.store = store
        self.clock = clock
        self.ids = ids
        queue = try await store.open(clock: clock, limits: limits)
    }

    /// The same store after a stop and a start.
    func restarted(limits: QueueLimits = QueueLimits()) async throws -> Bench {
        await store.close(queue)
        return try await Bench(store, clock: clock, ids: ids, limits: limits)
    }

    // MARK: Events

    func request(_ body: String = "{}", headers: HeaderFields = HeaderFields([("X-Kind", "test")])) -> InboundRequest {
        InboundRequest(
            method: "POST", url: "https://hub.example/hooks/crm?a=1", query: "a=1", headers: headers,
            body: Array(body.utf8), peer: "192.0.2.1", receivedAt: clock.now())
    }

    /// A request of one event, wanted by these recipes.
    func accepted(
        _ body: String = "{}", delivery: String? = nil, source: String = "crm", type: String = "contact.creation",
        tenant: TenantID = .default, recipes: [String] = [], startNow: Bool = false,
        window: Duration = .seconds(604_800), flow: RunFlow = .free
    ) -> AcceptedRequest {
        let request = request(body)
        let event = Event(
            id: ids.next(), tenant: tenant, source: source, type: type, deliveryID: delivery,
            receivedAt: request.receivedAt, headers: request.headers, query: request.query, raw: request.body,
            bodyKind: .json)
        return AcceptedRequest(
            id: ids.next(), tenant: tenant, source: source, request: request,
            verdict: Verdict(scheme: "sha256", secretName: "CRM", secretVersion: "ab12"),
            events: [
                .init(event: event, fingerprint: fingerprint(body), runs: recipes.map { new($0, startNow, flow) })
            ],
            dedupeWindow: window, lease: .seconds(30))
    }

    func new(_ recipe: String, _ startNow: Bool = false, _ flow: RunFlow = .free) -> AcceptedRequest.NewRun {
        AcceptedRequest.NewRun(id: ids.next(), recipe: recipe, version: Bench.version, startNow: startNow, flow: flow)
    }

    /// Accepts an event with one run of this flow; returns the event and the run that is asked for.
    @discardableResult
    func accept(
        _ flow: RunFlow, of recipe: String = "lead", body: String = "{}", startNow: Bool = false
    ) async throws -> (event: Identifier<Event>, run: Identifier<Run>) {
        let accepted = accepted(body, recipes: [recipe], startNow: startNow, flow: flow)
        _ = try await queue.accept(accepted)
        return (accepted.events[0].event.id, accepted.events[0].runs[0].id)
    }

    /// Stands for SHA-256: equal bodies, equal bytes.
    func fingerprint(_ body: String) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        for (index, byte) in body.utf8.enumerated() { bytes[index % 32] = bytes[index % 32] &* 31 &+ byte }
        return bytes
    }

    static let version = RecipeVersion(String(repeating: "0af9", count: 16))

    // MARK: Runs

    /// A run that was accepted already leased.
    func leasedRun(
        _ recipe: String = "lead", delivery: String? = nil, body: String = "{}"
    ) async throws -> LeasedRun {
        let result = try await queue.accept(accepted(body, delivery: delivery, recipes: [recipe], startNow: true))
        return try #require(result.leased.first)
    }

    func claimRuns(_ limit: Int = 10, excluding: Set<String> = []) async throws -> [LeasedRun] {
        try await queue.claimRuns(RunClaim(limit: limit, excludedRecipes: excluding, lease: .seconds(30)))
    }

    func claimOutputs(_ limit: Int = 10, excluding: Set<String> = []) async throws -> [LeasedOutput] {
        try await queue.claimOutputs(OutputClaim(limit: limit, excludedConnections: excluding, lease: .seconds(60)))
    }

    func attempt(_ failure: AttemptFailure? = nil, ordinal: Int = 1, log: [LogLine] = []) -> Attempt {
        Attempt(
            ordinal: ordinal, startedAt: clock.now(), took: .microseconds(1234), failure: failure,
            version: Bench.version, coldStart: true, log: log)
    }

    func finish(
        _ run: LeasedRun, _ decision: WorkDecision = .succeed, failure: AttemptFailure? = nil,
        outputs: [OutputIntent] = [], keyValues: [KeyValueWrite] = [], emitted: [AcceptedRequest] = [],
        reply: HTTPReply? = nil
    ) async throws -> RunFinishResult {
        try await queue.finishRun(
            RunFinish(
                run: run.run.id, fence: run.fence, decision: decision,
                counters: run.run.counters.counting(failure?.kind), attempt: attempt(failure),
                version: Bench.version, reply: reply, outputs: outputs, keyValues: keyValues, emitted: emitted))
    }

    /// An event that a run emits, wanted by these recipes.
    func emitted(
        by run: LeasedRun, step: String = "emit#1", recipes: [String] = [], dueAt: Timestamp? = nil
    ) -> AcceptedRequest {
        var accepted = accepted(
            "{}", delivery: "\(run.run.origin)/\(step)", source: Event.source(ofRecipe: run.run.recipe),
            type: "order.priced", recipes: recipes, window: .milliseconds(Int64.max))
        accepted.verdict = .internal
        accepted.request.query = ""
        accepted.events[0].event.query = ""
        accepted.events[0].event.cause = run.run.id
        accepted.events[0].event.depth = run.event.depth + 1
        for index in accepted.events[0].runs.indices { accepted.events[0].runs[index].dueAt = dueAt }
        return accepted
    }

    func intent(
        _ step: String = "slack.postMessage#1", connection: String = "slack",
        effectClass: EffectClass = .atLeastOnce, input: String = "{\"text\":\"hi\"}", window: Duration? = nil,
        delay: Duration = .zero, startNow: Bool = false, lane: String? = nil
    ) -> OutputIntent {
        OutputIntent(
            step: step, connection: connection, operation: "postMessage", effectClass: effectClass,
            input: Array(input.utf8), fingerprint: fingerprint(input), idempotencyKey: "h1_\(step)",
            keyWindow: window, delay: delay, startNow: startNow, lane: lane)
    }

    /// A run that succeeded and left one output that this node sends at once.
    func leasedOutput(_ effectClass: EffectClass = .atLeastOnce) async throws -> (LeasedRun, LeasedOutput) {
        let run = try await leasedRun()
        let result = try await finish(run, outputs: [intent(effectClass: effectClass, startNow: true)])
        guard case .finished(let leased) = result else { throw BenchFailure("the run was not finished: \(result)") }
        return (run, try #require(leased.first))
    }

    func finish(
        _ output: LeasedOutput, _ decision: WorkDecision, _ state: EffectState, failure: CallFailure? = nil,
        attemptFailure: AttemptFailureKind? = nil
    ) async throws -> Bool {
        try await queue.finishOutput(
            OutputFinish(
                effect: output.effect.id, fence: output.fence, decision: decision,
                counters: output.counters.counting(attemptFailure),
                attempt: Attempt(
                    ordinal: output.counters.attempts + 1, startedAt: clock.now(), took: .milliseconds(80),
                    failure: attemptFailure.map { AttemptFailure($0, "it failed") }, status: 200),
                state: state, status: 200, output: state == .confirmed ? Array("{\"ok\":true}".utf8) : nil,
                failure: failure))
    }

    static let timeout = CallFailure(code: "timeout", message: "no answer", isRetryable: true, outcome: .unknown)

    // MARK: Calls

    func call(
        _ run: LeasedRun, step: String = "crm.getContact#1", effectClass: EffectClass = .safe, sends: Int = 1
    ) -> Effect {
        Effect(
            id: ids.next(), tenant: run.run.tenant, origin: run.run.origin, run: run.run.id, recipe: run.run.recipe,
            step: step, kind: .call, connection: "crm", operation: "getContact", effectClass: effectClass,
            state: .inFlight, fingerprint: fingerprint(step), idempotencyKey: "h1_\(step)",
            input: Array("{\"id\":7}".utf8), sends: sends, createdAt: clock.now(), sentAt: clock.now())
    }

    func begin(_ effect: Effect, _ run: LeasedRun, seen: EffectState? = nil) async throws -> CallBeginningResult {
        try await queue.beginCall(
            CallBeginning(effect: effect, fence: run.fence, version: Bench.version, seen: seen))
    }

    func settle(_ effect: Effect, _ state: EffectState, sends: Int = 1) async throws {
        try await queue.settleCall(
            CallSettlement(
                effect: effect.id, sends: sends, state: state, status: 200,
                output: state == .confirmed ? Array("{\"email\":\"a@b.example\"}".utf8) : nil,
                failure: state == .confirmed ? nil : Bench.timeout))
    }

    // MARK: Reading

    func run(_ id: Identifier<Run>) async throws -> Run { try #require(try await queue.run(id)).run }

    func effect(_ id: Identifier<Effect>) async throws -> EffectDetail { try #require(try await queue.effect(id)) }

    func delivery(_ id: Identifier<Effect>) async throws -> EffectDetail.Delivery {
        try #require(try await effect(id).delivery)
    }

    /// Checks that `body` is refused with this code.
    func expect(
        _ code: QueueError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async {
        let error = await #expect(throws: QueueError.self, sourceLocation: sourceLocation) { try await body() }
        #expect(error?.code == code, sourceLocation: sourceLocation)
    }

    /// Checks that the kept counters say what the lists do.
    func expectHonestCounters(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let counts = try await queue.counts()
        for state in WorkState.allCases {
            let runs = try await queue.runs(RunQuery(states: [state], limit: 1000)).count
            #expect(counts.runs[state] ?? 0 == runs, "runs \(state)", sourceLocation: sourceLocation)
            let outputs = try await queue.effects(EffectQuery(deliveryStates: [state], limit: 1000)).count
            #expect(counts.outputs[state] ?? 0 == outputs, "outputs \(state)", sourceLocation: sourceLocation)
        }
        for state in EffectState.allCases {
            let effects = try await queue.effects(EffectQuery(states: [state], limit: 1000)).count
            #expect(counts.effects[state] ?? 0 == effects, "effects \(state)", sourceLocation: sourceLocation)
        }
    }
}
