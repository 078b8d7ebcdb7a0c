import GRDB
import GrapnelCore
import GrapnelQueue
import TestSupport

/// Who looks after the hub: decides about effects whose outcome nobody knows, replays, pauses, resumes, cancels.
///
/// Unchecked: there is one thread.
final class SimulatedPerson: @unchecked Sendable {
    private unowned let simulation: Simulation
    private let random: SeededRandomSource

    init(_ simulation: Simulation, random: SeededRandomSource) {
        self.simulation = simulation
        self.random = random
    }

    /// Does one thing, whatever is to be done.
    func act() throws {
        switch random.below(10) {
        case 0, 1: try replay()
        case 2: try resolve(from: "SELECT hex(effect) FROM outcome WHERE delivery IN (3, 4)", [.resend])
        case 3:
            try resolve(
                from: "SELECT hex(effect) FROM outcome WHERE state = 4 AND delivery IS NOT NULL AND delivery <> 2",
                EffectResolution.Choice.allCases)
        case 4: pause()
        case 5: try resume()
        case 6: try cancel()
        case 7: try retry()
        case 8:
            try release()
            try releaseAll()
        default: try decideAll()
        }
    }

    /// Releases every version that is in quarantine.
    func releaseAll() throws {
        for recipe in try found("SELECT DISTINCT recipe FROM quarantine ORDER BY 1") {
            simulation.note("person releases the version of \(recipe)")
            simulation.hub?.release(recipe)
        }
    }

    /// Lets everything go on that is paused.
    func resumeAll() throws {
        for pause in try found("SELECT kind || ' ' || name FROM pause ORDER BY 1") { resume(pause) }
    }

    /// Decides about everything that waits for a person.
    func decideAll() throws {
        for effect in try found(
            """
            SELECT hex(o.effect) FROM outcome o JOIN effect e ON e.id = o.effect
            WHERE o.delivery = 5 AND o.park_reason <> 2 OR (o.state = 4 AND o.delivery IS NULL
                AND EXISTS (SELECT 1 FROM run WHERE run.origin = e.origin AND run.state = 5))
            ORDER BY o.effect
            """)
        { decide(effect, random.pick(EffectResolution.Choice.allCases) ?? .confirm) }
    }

    private func resolve(from sql: String, _ choices: [EffectResolution.Choice]) throws {
        guard let effect = random.pick(try found("\(sql) ORDER BY 1")), let choice = random.pick(choices) else {
            return
        }
        decide(effect, choice)
    }

    private func decide(_ effect: String, _ choice: EffectResolution.Choice) {
        guard let queue = simulation.hub?.queue, let id = Identifier<Effect>(digits: effect) else { return }
        simulation.note("person \(choice.rawValue) \(effect.suffix(8))")
        simulation.observer.decided(effect, isResend: choice == .resend)
        let observer = simulation.observer
        Task {
            do {
                _ = try await queue.resolve(EffectResolution(effect: id, choice: choice))
            } catch {
                observer.refusedDecision(effect, isResend: choice == .resend)
            }
        }
    }

    private func replay() throws {
        let ended = try found("SELECT hex(id) FROM run WHERE state IN (3, 4, 6) ORDER BY state <> 4, 1")
        guard let run = random.chance(0.5) ? ended.first : random.pick(ended), let id = Identifier<Run>(digits: run),
            let queue = simulation.hub?.queue
        else { return }
        let mode: RunReplay.Mode = random.chance(0.5) ? .missing : .again
        simulation.note("person replays \(run.suffix(8)) \(mode)")
        if mode == .missing { simulation.observer.replayed(origin: simulation.observer.runs[run]?.origin ?? "") }
        let new = Identifier<Run>(high: UInt64(simulation.clock.now().milliseconds) << 16, low: random.next())
        Task { _ = try? await queue.replay(RunReplay(run: id, mode: mode, newRun: new, version: nil)) }
    }

    private func pause() {
        let kind = random.pick(PauseKind.allCases) ?? .recipe
        let names =
            switch kind {
            case .source: SimulatedDefinitions.sources
            case .recipe: simulation.definitions.map(\.name)
            case .connection: ["alpha", "beta"]
            }
        guard let name = random.pick(names), let queue = simulation.hub?.queue else { return }
        simulation.note("person pauses the \(kind.rawValue) \(name)")
        Task { _ = try? await queue.pause(PauseOrder(kind: kind, name: name)) }
    }

    private func resume() throws {
        if let pause = random.pick(try found("SELECT kind || ' ' || name FROM pause ORDER BY 1")) { resume(pause) }
    }

    /// Step by step, in steps so small that a crash comes between two of them.
    private func resume(_ pause: String) {
        let words = pause.split(separator: " ").map(String.init)
        guard let queue = simulation.hub?.queue, let index = words.first.flatMap({ Int($0) }), let name = words.last,
            PauseKind.allCases.indices.contains(index)
        else { return }
        let kind = PauseKind.allCases[index]
        simulation.note("person resumes the \(kind.rawValue) \(name)")
        Task {
            while try await queue.resume(Resumption(kind: kind, name: name, limit: 2)).hasMore {}
        }
    }

    private func cancel() throws {
        guard let queue = simulation.hub?.queue else { return }
        let run = random.pick(try found("SELECT hex(id) FROM run WHERE state IN (0, 1, 2, 5) ORDER BY 1"))
        let output = random.pick(
            try found("SELECT hex(effect) FROM outcome WHERE delivery IN (0, 1, 2, 5) ORDER BY 1"))
        var cancellation = Cancellation()
        if random.chance(0.7) {
            cancellation.runs = [run].compactMap { $0.flatMap { Identifier(digits: $0) } }
        } else {
            cancellation.outputs = [output].compactMap { $0.flatMap { Identifier(digits: $0) } }
        }
        simulation.observer.unwanted.formUnion(cancellation.runs.map(\.digits))
        simulation.note("person cancels \(cancellation.runs.map(\.digits)) \(cancellation.outputs.map(\.digits))")
        let order = cancellation
        Task { _ = try? await queue.cancel(order) }
    }

    /// Lets a run start that waits for its time.
    private func retry() throws {
        guard let run = random.pick(try found("SELECT hex(id) FROM run WHERE state IN (0, 1, 5) ORDER BY 1")),
            let id = Identifier<Run>(digits: run), let queue = simulation.hub?.queue
        else { return }
        simulation.note("person retries \(run.suffix(8))")
        simulation.observer.runs[run]?.notBefore = 0
        simulation.observer.runs[run]?.wasDisturbed = true
        simulation.observer.hurried(run)
        simulation.observer.letGo(run)
        Task { try await queue.retry(id) }
    }

    /// Lets an event run that is in conflict with another.
    private func release() throws {
        let waiting = try found(
            """
            SELECT hex(id) FROM event WHERE conflict_of IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM run WHERE run.event = event.id) ORDER BY 1
            """)
        guard let event = random.pick(waiting), let id = Identifier<Event>(digits: event), let hub = simulation.hub
        else { return }
        simulation.note("person releases \(event.suffix(8))")
        Task {
            guard let stored = try await hub.queue.event(id) else { return }
            _ = try await hub.queue.release(ConflictRelease(event: id, runs: hub.newRuns(for: stored.event)))
        }
    }

    private func found(_ sql: String) throws -> [String] {
        try simulation.database.unsafeRead { try String.fetchAll($0, sql: sql) }
    }
}
