import GRDB
import GrapnelCore
import GrapnelQueue
import TestSupport

/// Who looks after the hub: decides about effects whose outcome nobody knows, and replays what has died.
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
        switch random.below(4) {
        case 0: try replay()
        case 1: try resolve(from: "SELECT hex(effect) FROM outcome WHERE delivery IN (3, 4)", [.resend])
        case 2:
            try resolve(
                from: "SELECT hex(effect) FROM outcome WHERE state = 4 AND delivery IS NOT NULL AND delivery <> 2",
                EffectResolution.Choice.allCases)
        default: try decideAll()
        }
    }

    /// Decides about everything that waits for a person.
    func decideAll() throws {
        for effect in try found(
            """
            SELECT hex(o.effect) FROM outcome o JOIN effect e ON e.id = o.effect
            WHERE o.delivery = 5 OR (o.state = 4 AND o.delivery IS NULL
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
        let ended = try found("SELECT hex(id) FROM run WHERE state = 4 ORDER BY 1")
        guard let run = random.pick(ended), let id = Identifier<Run>(digits: run), let queue = simulation.hub?.queue
        else { return }
        let mode: RunReplay.Mode = random.chance(0.5) ? .missing : .again
        simulation.note("person replays \(run.suffix(8)) \(mode)")
        if mode == .missing { simulation.observer.replayed(origin: simulation.observer.runs[run]?.origin ?? "") }
        let new = Identifier<Run>(high: UInt64(simulation.clock.now().milliseconds) << 16, low: random.next())
        Task { _ = try? await queue.replay(RunReplay(run: id, mode: mode, newRun: new, version: nil)) }
    }

    private func found(_ sql: String) throws -> [String] {
        try simulation.database.unsafeRead { try String.fetchAll($0, sql: sql) }
    }
}

extension Identifier {
    /// The identity that `hex()` of SQLite wrote.
    init?(digits: String) {
        guard digits.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}
