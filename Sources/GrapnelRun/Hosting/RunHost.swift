package import GrapnelCore
import GrapnelFormat
import Synchronization

/// What one attempt may ask of the hub: checked against its manifest and its limits, then carried to the broker and to
/// the store.
package final class RunHost: IsolateHost {
    private struct State {
        var harvest = RunHarvest()
        var overlay: KeyValueOverlay
        var calls = 0
        var outputs = 0
        var emittedBytes = 0
    }

    let leased: LeasedRun
    let recipe: DeployedRecipe
    let store: any KeyValueStoring
    let clock: any HubClock
    let limits: HostLimits
    private let broker: any EffectBroker
    private let awaited: (any AwaitedConnections)?
    private let state: Mutex<State>

    package init(
        leased: LeasedRun, recipe: DeployedRecipe, broker: any EffectBroker, store: any KeyValueStoring,
        clock: any HubClock, limits: HostLimits = HostLimits(), awaited: (any AwaitedConnections)? = nil
    ) {
        self.leased = leased
        self.recipe = recipe
        self.broker = broker
        self.store = store
        self.clock = clock
        self.limits = limits
        self.awaited = awaited
        state = Mutex(State(overlay: KeyValueOverlay(limits: limits.keyValues)))
    }

    /// What the run left so far.
    package func harvest() -> RunHarvest {
        state.withLock { state in
            var harvest = state.harvest
            harvest.keyValues = state.overlay.writes
            return harvest
        }
    }

    package func perform(_ operation: IsolateOperation, remaining: Duration) async -> IsolateAnswer {
        switch operation {
        case .call(let connection, let name, let input, let step, let timeout):
            if let refusal = refusal(ofInput: input, "call.\(connection).\(name)", connection, name, step: step) {
                return .failure(refusal)
            }
            if let ending = countCall() { return ending }
            guard let timeout = time(asked: timeout, remaining: remaining) else { return .failure(RunHost.noTime) }
            let request = CallRequest(
                run: leased, version: recipe.version, connection: connection, operation: name, input: input,
                step: step, timeout: timeout)
            awaited?.awaitBegan(connection: connection)
            let answer = await broker.call(request)
            awaited?.awaitEnded(connection: connection)
            return self.answer(answer, connection: connection)
        case .fetch(let method, let url, let headers, let body, let step, let timeout):
            guard !recipe.manifest.hosts.isEmpty else {
                return .failure(
                    RunHost.refusal(
                        "not_allowed", "fetch reaches nothing until recipe.yaml lists its host under hosts:"))
            }
            if let ending = countCall() { return ending }
            guard let timeout = time(asked: timeout, remaining: remaining) else { return .failure(RunHost.noTime) }
            let request = FetchRequest(
                run: leased, allowedHosts: recipe.manifest.hosts, method: method, url: url, headers: headers,
                body: body, step: step, timeout: timeout)
            switch await broker.fetch(request) {
            case .success(let reply): return .reply(reply)
            case .failure(let failure): return self.failure(failure)
            }
        case .keyValue(let operation):
            return await perform(operation)
        }
    }

    package func send(_ output: IsolateOutput) {
        switch output {
        case .emit(let emission): emit(emission)
        case .send(let request):
            let name = "send.\(request.connection).\(request.operation)"
            if let refusal = refusal(
                ofInput: request.input, name, request.connection, request.operation, step: request.step)
            {
                return refuse(refusal.message)
            }
            guard request.delay >= .zero, request.delay <= limits.delay else {
                return refuse("\(name): a delay is at most \(limits.delay.text)")
            }
            leave { $0.outputs.append(request) }
        }
    }

    private func emit(_ emission: EventEmission) {
        let name = "emit(\"\(emission.type.prefix(80))\")"
        let isName = emission.type.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != "*" }
        guard isName, (1...limits.eventType.bytes).contains(emission.type.utf8.count) else {
            return refuse(
                "\(name): a type has 1 to \(limits.eventType.bytes) bytes, without spaces and *, such as order.created")
        }
        guard !emission.step.isEmpty, emission.step.utf8.count <= limits.step.bytes else {
            return refuse("\(name): a key has 1 to \(limits.step.bytes) bytes")
        }
        let delay = emission.at.map { $0 - clock.now() } ?? emission.delay
        guard delay <= limits.delay else { return refuse("\(name): a delay is at most \(limits.delay.text)") }
        let size = JSONWriter.bytes(emission.data).count
        let total = state.withLock { state in
            state.emittedBytes += size
            return state.emittedBytes
        }
        guard size <= limits.event.bytes, total <= limits.events.bytes else {
            return refuse(
                "\(name): the data of an event has \(limits.event) at most, that of all events of a run \(limits.events)"
            )
        }
        guard leased.event.depth < limits.depth else {
            return state.withLock { $0.harvest.isTooDeep = true }
        }
        leave { $0.emitted.append(emission) }
    }

    /// Counts what the run leaves behind, and keeps it while there is room.
    private func leave(_ keep: (inout RunHarvest) -> Void) {
        let most = recipe.manifest.limits.outputs
        let isOver = state.withLock { state in
            state.outputs += 1
            if state.outputs <= most { keep(&state.harvest) }
            return state.outputs > most
        }
        if isOver {
            refuse("a run leaves \(most) outputs and events at most; raise limits.outputs in recipe.yaml")
        }
    }

    /// Takes note of what an operation without code is given nothing for.
    func leaveOut(_ paths: [String], of operation: String) {
        let now = clock.now()
        state.withLock { state in
            state.harvest.absences = (state.harvest.absences ?? []) + paths
            for path in paths {
                let message = "forward to \(operation): \(path) is absent in the event and left out"
                state.harvest.log.append(LogLine(level: .warn, at: now, message: message))
            }
        }
    }

    package func log(_ line: LogLine) {
        state.withLock { $0.harvest.log.append(line) }
    }

    /// Reads and changes the run's view of its store.
    func withOverlay<Value: Sendable, Failure: Error>(
        _ body: (inout KeyValueOverlay) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try state.withLock { state throws(Failure) in try body(&state.overlay) }
    }

    private func refuse(_ message: String) {
        state.withLock { state in
            if state.harvest.refusal == nil { state.harvest.refusal = AttemptFailure(.badOutput, message) }
        }
    }

    private func countCall() -> IsolateAnswer? {
        let most = recipe.manifest.limits.calls
        let count = state.withLock { state in
            state.calls += 1
            return state.calls
        }
        guard count > most else { return nil }
        let failure = AttemptFailure(
            .badOutput, "a run makes \(most) calls at most; raise limits.calls in recipe.yaml")
        state.withLock { if $0.harvest.refusal == nil { $0.harvest.refusal = failure } }
        return .endRun(failure)
    }

    private func refusal(
        ofInput input: JSON, _ name: String, _ connection: String, _ operation: String, step: String
    ) -> CallFailure? {
        guard recipe.manifest.uses[connection]?.contains(operation) == true else {
            return RunHost.refusal(
                "not_allowed", "\(name): recipe.yaml does not list it under uses: { \(connection): [\(operation)] }")
        }
        guard !step.isEmpty, step.utf8.count <= limits.step.bytes else {
            return RunHost.refusal("invalid_key", "\(name): a key has 1 to \(limits.step.bytes) bytes")
        }
        guard JSONWriter.bytes(input).count <= limits.input.bytes else {
            return RunHost.refusal("invalid_input", "\(name): an input has \(limits.input) at most, as JSON")
        }
        return nil
    }

    /// The time that a call may take: what was asked for, and never more than the run has left.
    private func time(asked: Duration?, remaining: Duration) -> Duration? {
        let timeout = min(asked ?? limits.call, remaining - limits.reserve)
        return timeout > .zero ? timeout : nil
    }

    private func failure(_ failure: CallFailure) -> IsolateAnswer {
        if failure.isWait { state.withLock { $0.harvest.turnedAway = failure } }
        return .failure(failure)
    }

    private func answer(_ answer: CallAnswer, connection: String) -> IsolateAnswer {
        switch answer {
        case .output(let value): return .value(value)
        case .failure(let failure): return self.failure(failure)
        case .endRun(let decision, let failure):
            state.withLock { state in
                if state.harvest.ending == nil {
                    state.harvest.ending = RunEnding(decision, failure, connection: connection)
                }
            }
            return .endRun(failure)
        case .fenced:
            state.withLock { $0.harvest.isFenced = true }
            return .endRun(AttemptFailure(.leaseLost, "the lease of the run was lost"))
        }
    }

    private static func refusal(_ code: String, _ message: String) -> CallFailure {
        CallFailure(code: code, message: message, isRetryable: false, outcome: .definite)
    }

    private static let noTime = CallFailure(
        code: "timeout", message: "no time is left for a call before the run's deadline", isRetryable: true,
        outcome: .definite)
}
