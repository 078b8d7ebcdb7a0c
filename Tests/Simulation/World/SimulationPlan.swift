import GrapnelCore
import TestSupport

/// What a seed makes of a world: how much happens, and which faults there are. Every seed has some kinds of fault and
/// not others, because a fault that is always there hides what needs its absence.
struct SimulationPlan {
    static let second: Int64 = 1000
    static let minute = 60 * second
    static let hour = 60 * minute
    static let day = 24 * hour

    /// What a vendor does with a request.
    enum Answer: CaseIterable {
        case confirm, applyAndHang, hang, applyAndReset, applyAnd500, fail500, limited, unavailable, refuse
        case unreachable, unresolved, late, applyLater
    }

    /// How many deliveries are made.
    var deliveries: Int
    /// Over how long.
    var span: Int64
    var duplicates: Double
    var conflicts: Double
    /// The weight of each answer.
    var answers: [(answer: Answer, weight: Double)]
    /// How often a handler fails by itself.
    var handlerFailures: Double
    var crashes: Int
    /// Crashes in the middle of a commit, or right after it.
    var commitCrashes: Double
    var stalls: Int
    var clockJumps: Int
    /// How often something stands still, or the clock is wrong, just while a handler runs.
    var disturbances: Double
    var offlineSpells: Int
    var humanActs: Int
    var shutdowns: Int
    /// How often a commit finds a disk that is at fault, or full.
    var storageFaults: Double
    var slowCommits: Double
    var shufflesJobs: Bool
    /// Runs at a time.
    var capacity: Int
    var commitWrites: Int
    var retention: Int64
    /// Sends at a time of a connection.
    var concurrency: Int
    var rate: String?
    /// Recipes beside those that every hub has.
    var furtherRecipes: [SimulatedRecipe]
    /// How many keys deliveries have.
    var keys: Int64
    /// How often a second tenant has the same delivery.
    var neighbours: Double
    /// The schedule of a recipe; `nil` when the hub has none.
    var schedule: SimulatedSchedule?

    init(_ random: SeededRandomSource) {
        func sometimes<Value>(_ value: @autoclosure () -> Value, else other: Value) -> Value {
            random.chance(0.5) ? value() : other
        }
        deliveries = 3 + random.below(10)
        span = random.pick([10 * Self.minute, 2 * Self.hour, Self.day, 5 * Self.day]) ?? Self.day
        duplicates = sometimes(0.5 * random.unit(), else: 0)
        conflicts = sometimes(0.3 * random.unit(), else: 0)
        answers = []
        let trouble = sometimes(0.8 * random.unit(), else: 0)
        for answer in Answer.allCases where answer != .confirm {
            answers.append((answer, sometimes(trouble * random.unit() / 3, else: 0)))
        }
        handlerFailures = sometimes(0.5 * random.unit(), else: 0)
        crashes = sometimes(random.below(4), else: 0)
        commitCrashes = sometimes(0.02 * random.unit(), else: 0)
        stalls = sometimes(random.below(3), else: 0)
        clockJumps = sometimes(random.below(4), else: 0)
        disturbances = random.chance(0.3) ? 0.3 * random.unit() : 0
        offlineSpells = sometimes(1 + random.below(2), else: 0)
        humanActs = sometimes(random.below(24), else: 0)
        shutdowns = sometimes(random.below(2), else: 0)
        storageFaults = sometimes(0.05 * random.unit(), else: 0)
        slowCommits = sometimes(0.05 * random.unit(), else: 0)
        shufflesJobs = random.chance(0.7)
        capacity = random.pick([1, 2, 4, 8, 64]) ?? 8
        commitWrites = random.pick([1, 2, 8, 512]) ?? 8
        retention = random.pick([Self.day, 8 * Self.day, 30 * Self.day]) ?? Self.day
        concurrency = random.pick([1, 2, 10]) ?? 2
        rate = random.pick([nil, nil, "10/1m", "60/1m"]) ?? nil
        furtherRecipes = SimulatedDefinitions.furtherRecipes.filter { _ in random.chance(0.4) }
        furtherRecipes += SimulatedDefinitions.rareRecipes.filter { _ in random.chance(0.1) }.flatMap { $0 }
        keys = Int64(1 + random.below(3))
        neighbours = random.chance(0.3) ? 0.5 : 0
        let period =
            span <= 10 * Self.minute
            ? 2 * Self.minute
            : span <= 2 * Self.hour ? 20 * Self.minute : span <= Self.day ? 4 * Self.hour : 12 * Self.hour
        schedule =
            random.chance(0.3) ? SimulatedSchedule(period: period, catchesUp: random.chance(0.7)) : nil
        breaksSandboxes = random.chance(0.15)
        rotations = random.chance(0.15) ? 1 + random.below(3) : 0
        for name in SimulatedDefinitions.connections where random.chance(0.2) { flows[name] = SimulatedFlow(random) }
    }

    /// Whether some handlers break their sandbox.
    var breaksSandboxes: Bool
    /// How often a vendor wants another token.
    var rotations: Int
    /// What connections say of the keys of their outputs.
    var flows: [String: SimulatedFlow] = [:]

    /// What the connection to a host says of them.
    func flow(ofHost host: String) -> SimulatedFlow? {
        SimulatedDefinitions.hosts.firstIndex(of: host).flatMap { flows[SimulatedDefinitions.connections[$0]] }
    }

    /// Whether a lease may end while its holder lives: something stands still, or the wall clock is set forward.
    var disturbsLeases: Bool {
        disturbances > 0 || stalls > 0 || clockJumps > 0 || slowCommits > 0 || storageFaults > 0
    }

    /// What the vendor does with the next request.
    func answer(_ random: SeededRandomSource) -> Answer {
        var point = random.unit()
        for (answer, weight) in answers {
            point -= weight
            if point < 0 { return answer }
        }
        return .confirm
    }
}
