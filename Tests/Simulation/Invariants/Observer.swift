import GrapnelCore

/// Watches what is committed, what is sent and what is applied, and says which invariant does not hold.
///
/// It knows the promises and not the code: what it compares comes from triggers of the database, from the vendors and
/// from the handlers. Unchecked: there is one thread.
final class Observer: @unchecked Sendable {
    /// The delays between the tries of a run, in milliseconds: the schedule that the docs promise.
    static let schedule: [Int64] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map { $0 * 1000 }
    static let dedupeWindow = 7 * SimulationPlan.day

    unowned let simulation: Simulation
    var runs: [String: KnownRun] = [:]
    var events: [String: KnownEvent] = [:]
    /// The runs of each line that are not over, in the order of their acceptance.
    var lines: [Line: [String]] = [:]
    var effects: [String: KnownEffect] = [:]
    /// What handlers have said of effects that connections go by.
    var groups: [EffectPlace: String] = [:]
    /// The outputs of each line that are not over, in the order of their commits.
    var outputLines: [OutputLine: [String]] = [:]
    /// When requests of each host and group left.
    var requestTimes: [String: [Int64]] = [:]
    /// The places of all effects.
    var places: Set<EffectPlace> = []
    /// Every event and recipe that has had a run.
    var handled: Set<[String]> = []
    var sent: [EffectPlace: Sent] = [:]
    var sendings: [Int: Sending] = [:]
    var executions: [Execution] = []
    /// When each delivery was stored first, by the wall clock, and how many events it has become.
    var stored: [String: (at: Int64, events: Int)] = [:]
    var succeeded: [String: Int] = [:]
    /// How the delays of retries compare with their schedule, in thousandths.
    var ratios: [Int64] = []
    /// Effects and lines of replays that a person has decided about.
    var touched: Set<String> = []
    var paused: Set<Paused> = []
    var ticks = Ticks()
    /// Runs that the commit which is looked at has stored while their source was paused, and not parked.
    var held: Set<String> = []
    /// Runs and outputs that a person cancelled while they were leased.
    var cancelled: Set<String> = []
    var gatherings = Gatherings()
    /// Recipes whose version is in quarantine, and since when.
    var quarantined: [String: Int64] = [:]
    var emissions = Emissions()
    /// Runs that a person wants cancelled.
    var unwanted: Set<String> = []
    /// Leases that are held.
    private(set) var leased = 0
    /// Runs and outputs that have not come to their end.
    private(set) var living = 0
    /// Changes so far.
    private(set) var changes = 0
    private(set) var violation: Violation?

    init(_ simulation: Simulation) { self.simulation = simulation }

    var wall: Int64 { simulation.clock.now().milliseconds }

    func fail(_ invariant: Invariant, _ detail: String) {
        guard violation == nil else { return }
        violation = Violation(invariant: invariant, detail: detail)
        simulation.note("VIOLATION \(invariant.rawValue) \(detail)")
    }

    func require(_ condition: Bool, _ invariant: Invariant, _ detail: @autoclosure () -> String) {
        if !condition { fail(invariant, detail()) }
    }

    // MARK: Commits

    /// Looks at what the last commit changed.
    func committed() {
        for change in simulation.changeLog?.take() ?? [] {
            changes += 1
            leased += (change.state == Change.leased ? 1 : 0) - (change.oldState == Change.leased ? 1 : 0)
            living += (Change.isLiving(change.state) ? 1 : 0) - (Change.isLiving(change.oldState) ? 1 : 0)
            switch change.kind {
            case .runMade: runMade(change)
            case .runChanged: runChanged(change)
            case .runDeleted:
                note("deleted run", change)
                require(
                    Change.isTerminal(change.oldState), .retentionSparesTheLiving,
                    "run \(change.id) was deleted in state \(change.oldState ?? -1)")
                leaves(change.id)
            case .outcomeMade: outcomeMade(change)
            case .outcomeChanged: outcomeChanged(change)
            case .outcomeDeleted:
                let isLiving = change.oldState.map { !Change.isTerminal($0) } ?? (change.oldEffect == 1)
                require(!isLiving, .retentionSparesTheLiving, "effect \(change.id) was deleted while it was needed")
            case .eventMade: eventMade(change)
            case .eventDeleted:
                let age = simulation.latestWall - (events[change.id]?.receivedAt ?? 0)
                require(
                    age > simulation.plan.retention, .retentionSparesTheLiving,
                    "event \(change.id) was deleted at the age of \(age) ms")
                events[change.id] = nil
            case .resultMade: resultMade(change)
            case .outputMade: outputMade(change)
            case .pauseMade, .pauseEnded: pauseChanged(change)
            case .cancelAsked: cancelled.insert(change.id)
            case .memberMade: memberMade(change)
            case .quarantineMade, .quarantineEnded: quarantineChanged(change)
            }
        }
        checkGatherings()
        checkTokens()
        checkEmissions()
        if !held.isEmpty { checkHeld() }
        checkTicks()
    }

    func note(_ what: String, _ change: Change) {
        simulation.note(
            "\(what) \(change.id.suffix(8)) \(change.oldState ?? -1)→\(change.state ?? -1) fence \(change.fence) "
                + "attempts \(change.attempts) losses \(change.losses) effect \(change.effect ?? -1)")
    }
}
