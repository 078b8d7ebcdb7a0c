import GrapnelCore
import GrapnelFormat
import TestSupport

/// What a simulated hub says of the outputs of a connection and of their keys.
struct SimulatedFlow {
    /// Whether outputs of one key are sent one after another.
    var isOrdered: Bool
    /// Requests of one key at a time.
    var places: Int?
    /// Requests of one key in a time.
    var rate: SimulatedRecipe.Rate?
    /// How old an output may be that is sent, in milliseconds.
    var expire: Int64?

    init(_ random: SeededRandomSource) {
        isOrdered = random.chance(0.6)
        places = random.chance(0.4) ? 1 + random.below(2) : nil
        rate = random.chance(0.3) ? SimulatedRecipe.Rate(count: 2, interval: 10 * SimulationPlan.minute) : nil
        expire = random.chance(0.3) ? 30 * SimulationPlan.minute : nil
    }

    /// The same in the words of grapnel.yaml.
    func flow() throws -> ConnectionFlow {
        let key = try PathExpression("input.group")
        return ConnectionFlow(
            rate: rate.map {
                let limit = RateLimit(count: Int($0.count), interval: .milliseconds($0.interval))
                return KeyedRate(limit: limit, key: key)
            },
            concurrency: places.map { KeyedLimit(limit: $0, key: key) }, orderBy: isOrdered ? key : nil,
            expire: expire.map { .milliseconds($0) })
    }
}
