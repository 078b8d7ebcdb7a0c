import GrapnelCore
import TestSupport

/// What the handler of one recipe does with one event: the same on every attempt, as a handler must be, but for what
/// is wrong with some.
struct HandlerProgram {
    enum Step: Hashable {
        case call(connection: String, operation: String)
        case send(connection: String, operation: String, delay: Int64)
        case increment
        case think(Int64)
        case emit(delay: Int64)
    }

    /// What is wrong with the handler.
    enum Flaw {
        case none
        /// It asks for something else on every attempt.
        case fickle
        /// It kills its isolate.
        case poison
        /// It discards the event.
        case discards
        /// It breaks its sandbox, as long as nobody has looked at it twice.
        case breaks
        /// It throws, always.
        case hopeless
    }

    /// How long the runs of some emitted events wait.
    static let emissionDelay = 15 * SimulationPlan.minute

    let steps: [Step]
    let flaw: Flaw
    /// Whether it goes on when a call fails.
    let catches: Bool

    init(_ recipe: SimulatedRecipe, number: Int64, variant: Int64, seed: UInt64) {
        var mixed = seed
        for byte in recipe.name.utf8 { mixed = (mixed ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let random = SeededRandomSource(seed: mixed &+ UInt64(number * 2 + variant) &* 0x9E37_79B9)
        var steps: [Step] = [.increment]
        func operation() -> (String, String) {
            (random.pick(recipe.connections) ?? "alpha", random.pick(SimulatedDefinitions.operations) ?? "safe")
        }
        for _ in 0..<random.below(3) {
            let (connection, name) = operation()
            steps.append(.call(connection: connection, operation: name))
        }
        if random.chance(0.4) { steps.append(.think(random.within(1...31_000))) }
        for _ in 0..<random.below(3) {
            let (connection, name) = operation()
            let delay = random.chance(0.2) ? random.within(1...SimulationPlan.hour) : 0
            steps.append(.send(connection: connection, operation: name, delay: delay))
        }
        if recipe.emits, number % 3 > 0 || !recipe.sources.contains("recipe:\(recipe.name)") {
            steps.insert(
                .emit(delay: random.chance(0.3) ? HandlerProgram.emissionDelay : 0), at: random.below(steps.count))
        }
        self.steps = steps
        switch random.below(24) {
        case 0: flaw = .fickle
        case 1: flaw = .poison
        case 2: flaw = .discards
        case 3: flaw = .hopeless
        case 4, 5: flaw = .breaks
        default: flaw = .none
        }
        catches = random.chance(0.2)
    }
}
