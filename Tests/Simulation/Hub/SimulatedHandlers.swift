import GrapnelCore
import GrapnelRun
import Synchronization
import TestSupport

/// The isolates: each executes the program of its recipe and event, and fails as isolates fail.
///
/// Unchecked: there is one thread.
final class SimulatedHandlers: IsolateExecuting, @unchecked Sendable {
    private static let wall: Int64 = 30 * SimulationPlan.second

    private unowned let simulation: Simulation
    private let random: SeededRandomSource

    init(_ simulation: Simulation, random: SeededRandomSource) {
        self.simulation = simulation
        self.random = random
    }

    func retire(version: RecipeVersion) {}

    /// Why a program ended before its end.
    private struct Ending: Error {
        var failure: AttemptFailure
    }

    func execute(_ job: IsolateJob, host: any IsolateHost) async -> IsolateOutcome {
        let execution = simulation.observer.begins(job)
        simulation.note("begin #\(execution) \(job.recipe) \(job.event.deliveryID ?? "") attempt \(job.attempt)")
        let began = simulation.thread.now
        let result: IsolateOutcome.Result
        do {
            let value = try await run(job, host, execution)
            result = .returned(value)
        } catch let ending as Ending {
            result = .failed(ending.failure)
        } catch {
            result = .failed(AttemptFailure(.handedBack, "the run was stopped"))
        }
        simulation.observer.ended(execution, result)
        return IsolateOutcome(
            result: result, coldStart: false, took: .milliseconds(simulation.thread.now - began))
    }

    private func run(_ job: IsolateJob, _ host: any IsolateHost, _ execution: Int) async throws -> JSON {
        let body = job.event.body()
        let number = body?["number"]?.integer ?? simulation.observer.events[job.event.id.digits]?.number ?? 0
        guard let recipe = simulation.recipe(job.recipe) else {
            throw Ending(failure: AttemptFailure(.bundle, "#\(execution) there is no recipe \(job.recipe)"))
        }
        let program = HandlerProgram(
            recipe, number: number, variant: body?["variant"]?.integer ?? 0, seed: simulation.seed)
        let group = SimulatedDefinitions.key(number, of: simulation.plan.keys)
        let deadline = simulation.thread.now + SimulatedHandlers.wall
        let fate = simulation.isCalm ? nil : fate(job)
        var sent = 0
        var emitted: [String] = []
        for (index, step) in program.steps.enumerated() {
            if index == (fate?.step ?? -1) % program.steps.count, let failure = fate?.failure {
                try await pause(random.within(1...200), deadline, execution)
                throw Ending(
                    failure: AttemptFailure(
                        failure.kind, "#\(execution) \(failure.kind.rawValue)", isRetryable: failure.isRetryable,
                        retryAfter: failure.retryAfter))
            }
            switch step {
            case .think(let time): try await pause(time, deadline, execution)
            case .emit(let delay):
                let step = delay > 0 ? "later#\(index)" : "now#\(index)"
                emitted.append(step)
                let data: JSON = ["number": .integer(number), "variant": body?["variant"] ?? .integer(0)]
                host.send(
                    .emit(EventEmission(type: "heard", data: data, step: step, delay: .milliseconds(delay))))
            case .increment:
                try await perform(
                    .keyValue(.increment(key: "runs", by: 1, now: false)), host, program, deadline, execution)
                if simulation.plan.neighbours > 0 {
                    let owner = try await perform(
                        .keyValue(.get(key: "owner")), host, program, deadline, execution)
                    simulation.observer.read(owner: owner, job)
                    try await perform(
                        .keyValue(
                            .set(
                                key: "owner", value: .string(job.tenant.name), ttl: nil, ifVersion: nil, now: false)),
                        host, program, deadline, execution)
                }
            case .call(let connection, let operation):
                let name = "\(connection).\(operation)#\(index)"
                let input = simulation.observer.input(
                    job, step: name, number: program.flaw == .fickle ? number + Int64(job.attempt) : number,
                    group: group)
                try await perform(
                    .call(connection: connection, operation: operation, input: input, step: name, timeout: nil), host,
                    program, deadline, execution)
            case .send(let connection, let operation, let delay):
                let name = "\(connection).\(operation)#\(index)"
                sent += 1
                host.send(
                    .send(
                        OutputRequest(
                            connection: connection, operation: operation,
                            input: simulation.observer.input(job, step: name, number: number, group: group),
                            step: name,
                            delay: .milliseconds(delay))))
            }
        }
        simulation.observer.planned(execution, outputs: sent, emissions: emitted)
        switch program.flaw {
        case .poison: throw Ending(failure: AttemptFailure(.crash, "#\(execution) crash"))
        case .discards: throw Ending(failure: AttemptFailure(.discarded, "#\(execution) discarded", isRetryable: false))
        case .hopeless: throw Ending(failure: AttemptFailure(.threw, "#\(execution) threw"))
        case .breaks where simulation.plan.breaksSandboxes && job.attempt <= 2 && job.tenant == .default:
            throw Ending(failure: AttemptFailure(.syscall, "#\(execution) syscall", isRetryable: false))
        case .fickle, .breaks, .none: return ["execution": .integer(Int64(execution))]
        }
    }

    /// How an attempt fails by itself, and at which step.
    private func fate(_ job: IsolateJob) -> (step: Int, failure: AttemptFailure)? {
        guard random.chance(simulation.plan.handlerFailures) else { return nil }
        let failure: AttemptFailure
        switch random.below(6) {
        case 0: failure = AttemptFailure(.memory, "")
        case 1: failure = AttemptFailure(.threw, "", retryAfter: .seconds(random.within(1...90_000)))
        case 2: failure = AttemptFailure(.threw, "", isRetryable: random.chance(0.8))
        default: failure = AttemptFailure(.threw, "")
        }
        return (random.below(8), failure)
    }

    /// What the host answers, when that is a value.
    @discardableResult
    private func perform(
        _ operation: IsolateOperation, _ host: any IsolateHost, _ program: HandlerProgram, _ deadline: Int64,
        _ execution: Int
    ) async throws -> JSON? {
        let remaining = Duration.milliseconds(max(deadline - simulation.thread.now, 0))
        // A killed isolate waits for nothing, and what it asked for goes on.
        let answer = try await Waiting<IsolateAnswer>(simulation.thread).value(within: deadline) {
            await host.perform(operation, remaining: remaining)
        }
        switch answer {
        case .text(let bytes): return bytes.flatMap { try? JSONParser.parse($0) }
        case .reply: return nil
        case .failure(let failure):
            if program.catches, failure.code != "storage" { return nil }
            throw Ending(
                failure: AttemptFailure(
                    failure.outcome == .unknown ? .callUnknown : .callFailed, "#\(execution) \(failure.message)",
                    isRetryable: failure.isRetryable, retryAfter: failure.retryAfter))
        case .endRun(let failure): throw Ending(failure: failure)
        case nil: throw Ending(failure: AttemptFailure(.wall, "#\(execution) wall"))
        }
    }

    private func pause(_ time: Int64, _ deadline: Int64, _ execution: Int) async throws {
        let left = max(deadline - simulation.thread.now, 0)
        try await simulation.clock.sleep(for: .milliseconds(min(time, left)))
        if time >= left { throw Ending(failure: AttemptFailure(.wall, "#\(execution) wall")) }
    }

    /// Waits for a value that goes on being made when nobody waits any more. Unchecked: there is one thread.
    private final class Waiting<Value: Sendable>: @unchecked Sendable {
        private let thread: SimulatedThread
        private var continuation: UnsafeContinuation<Value?, any Error>?
        private var isCancelled = false

        init(_ thread: SimulatedThread) { self.thread = thread }

        /// The value; `nil` when it is not there at `deadline`.
        func value(within deadline: Int64, _ make: @escaping @Sendable () async -> Value) async throws -> Value? {
            let timer = thread.after(deadline - thread.now, .hub) { [self] in end(.success(nil)) }
            defer { thread.cancel(timer) }
            return try await withTaskCancellationHandler {
                try await withUnsafeThrowingContinuation { continuation in
                    if isCancelled { return continuation.resume(throwing: CancellationError()) }
                    self.continuation = continuation
                    Task { self.end(.success(await make())) }
                }
            } onCancel: {
                isCancelled = true
                end(.failure(CancellationError()))
            }
        }

        private func end(_ result: Result<Value?, any Error>) {
            guard let continuation else { return }
            self.continuation = nil
            continuation.resume(with: result)
        }
    }
}
