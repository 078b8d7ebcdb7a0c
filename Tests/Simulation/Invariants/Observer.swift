import GRDB
import GrapnelCore
import GrapnelRun

/// Watches what is committed, what is sent and what is applied, and says which invariant does not hold.
///
/// It knows the promises and not the code: what it compares comes from triggers of the database, from the vendors and
/// from the handlers. Unchecked: there is one thread.
final class Observer: @unchecked Sendable {
    /// What is known of a run.
    struct KnownRun {
        var tenant: String
        var origin: String
        var recipe: String
        var event: String
        var fence: Int64
        var state: Int64?
        /// The line that it stands in.
        var line: Line?
        /// Whom it may gather with, or whose tokens it takes.
        var place: Place?
        /// How many runs were made before it.
        var ordinal = 0
        /// When it was made, by the wall clock.
        var madeAt: Int64 = 0
        /// When it was made, by the monotonic clock.
        var moment: Int64 = 0
        /// When it is due.
        var due: Int64?
        /// The run that took its place.
        var heir: String?
        /// Whether it was parked, or hurried on by a person.
        var wasDisturbed = false
        /// Before when its recipe does not let it start, by the wall clock.
        var notBefore: Int64 = 0
        /// Whether there was another run of its event and recipe before it.
        var isRepeated = false
        /// By how much the wall clock had been put back when it was made.
        var setBack: Int64 = 0
        /// By how much it had been put forward then.
        var setForward: Int64 = 0
        /// The number of the execution whose failure it has kept.
        var failed: Int?
        /// How often it was parked and went on: each time is worth another try.
        var wakes: Int64 = 0
    }

    /// What is known of an event.
    struct KnownEvent {
        var tenant: String
        var source: String
        /// The number of its delivery.
        var number: Int64?
        var receivedAt: Int64
        /// Whether its runs are made by a person who releases it.
        var isInConflict: Bool
        /// The run that emitted it, and how many led to it.
        var cause: String?
        var depth: Int64 = 0
        /// For how long its runs wait.
        var delay: Int64 = 0
    }

    /// One execution of a handler.
    struct Execution {
        var run: String
        /// The fence that the run had when it began.
        var fence: Int64
        var outputs = 0
        /// The steps of what it emitted.
        var emissions: [String] = []
        var failure: AttemptFailure?
        /// When it ended, by the wall clock.
        var endedAt: Int64 = 0
    }

    /// What is known of an effect.
    struct KnownEffect {
        var place: EffectPlace
        var isOutput: Bool
        var operation: String
        /// How the last try of it ended, by the wall clock.
        var answeredAt: Int64?
        var retryAfter: Int64?
        var wasRefused = false
        /// The token that the vendor would not take.
        var refusedToken: Int?
        /// How often it was parked and went on: each time is worth another try.
        var wakes: Int64 = 0
        /// Whether nobody knew what came of the last try.
        var isUnknown = false
        /// The line that it stands in.
        var line: OutputLine?
        /// The moment that it is meant for, by the wall clock and by the monotonic one.
        var plannedAt: Int64 = 0
        var moment: Int64 = 0
        /// By how much the wall clock had been put forward when it was made.
        var setForward: Int64 = 0
    }

    /// The (origin, step) that an effect is one of.
    struct EffectPlace: Hashable {
        var origin: String
        var step: String
    }

    /// What the vendors know of an effect.
    struct Sent {
        var keys: Set<String> = []
        var numbers: Set<String> = []
        var performed = 0
        var applied = 0
        var wasConfirmed = false
        /// How often a person said that it may be sent again.
        var resends = 0
        /// Whether the last sending may have arrived.
        var mayHaveArrived = false
        /// Whether one before it may have.
        var mayHaveArrivedBefore = false
        var wasRefused = false
        /// The token that it was refused for.
        var refusedToken: Int?
        /// How often the wall clock had been moved when it was sent first.
        var clockJumps = 0
    }

    /// A request that is on its way.
    struct Sending {
        var number: Int
        var host: String
        var operation: String
        var step: String
        var origin: String
        var effect: String
        var fence: Int64
        var sends: Int64
        var vendorKey: String
        /// The number of the token that it carries.
        var token: Int?

        var place: EffectPlace { EffectPlace(origin: origin, step: step) }
    }

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
    private var handled: Set<[String]> = []
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

    private func note(_ what: String, _ change: Change) {
        simulation.note(
            "\(what) \(change.id.suffix(8)) \(change.oldState ?? -1)→\(change.state ?? -1) fence \(change.fence) "
                + "attempts \(change.attempts) losses \(change.losses) effect \(change.effect ?? -1)")
    }

    // MARK: Runs

    private func runMade(_ change: Change) {
        note("run", change)
        let (recipe, event) = (change.text ?? "", change.event ?? "")
        let tenant = change.tenant ?? ""
        require(
            tenant == events[event]?.tenant, .tenantsAreApart,
            "run \(change.id) of \(tenant) handles an event of \(events[event]?.tenant ?? "nobody")")
        var run = KnownRun(
            tenant: tenant, origin: change.other ?? "", recipe: recipe, event: event, fence: change.fence,
            state: change.state,
            line: line(of: recipe, event: event, tenant: tenant))
        // A replay does not wait for what its recipe makes new runs wait for.
        run.isRepeated = !handled.insert([event, recipe]).inserted
        run.ordinal = runs.count
        run.madeAt = wall
        run.moment = simulation.thread.now
        run.due = change.dueAt
        run.setBack = simulation.setBack
        run.setForward = simulation.setForward
        let delay = (simulation.recipe(recipe)?.delay ?? 0) + (events[event]?.delay ?? 0)
        if !run.isRepeated, delay > 0 { run.notBefore = wall + delay }
        run.place = place(of: recipe, event: event, tenant: tenant)
        runs[change.id] = run
        if !run.isRepeated { gathers(change.id) }
        if change.state == Change.parked { runs[change.id]?.wasDisturbed = true } else { takesToken(change.id) }
        enters(change.id)
        checkPauses(run: change.id, change)
        if change.isTaken { starts(change.id) }
    }

    private func runChanged(_ change: Change) {
        note("run", change)
        runs[change.id]?.fence = change.fence
        runs[change.id]?.state = change.state
        runs[change.id]?.due = change.dueAt
        if change.state == Change.parked {
            runs[change.id]?.wasDisturbed = true
            gatherings.tokens[change.id] = nil
        }
        if change.oldState == Change.parked, change.fence == 0, change.state == 0 || change.state == 1 {
            takesToken(change.id)
        }
        checkEnd(change)
        awaitsCredentials(change)
        checkPauses(run: change.id, change)
        checkCancelled(change, isRun: true)
        if change.isTaken { starts(change.id) }
        if Change.isTerminal(change.state) { leaves(change.id) }
        checkLease(change, "run")
        if Change.isTerminal(change.oldState), change.state != change.oldState {
            fail(.terminalStays, "run \(change.id) left state \(change.oldState ?? -1) for \(change.state ?? -1)")
        }
        let recipe = runs[change.id]?.recipe ?? ""
        if change.oldState == Change.parked, change.oldAttempts > 0, change.state == 0 || change.state == 1 {
            runs[change.id]?.wakes += 1
        }
        let most = (simulation.recipe(recipe)?.attempts ?? 10) + (runs[change.id]?.wakes ?? 0)
        checkCounters(change, "run", most: most)
        guard change.oldState == Change.leased, change.state != Change.leased else { return }
        let number = Observer.execution(change.text)
        // One that was handed back keeps what it had failed with before.
        let isKnown = number == runs[change.id]?.failed
        runs[change.id]?.failed = number
        let execution = number.flatMap { !isKnown && $0 < executions.count ? executions[$0] : nil }
        if change.state == Change.succeeded, let tenant = runs[change.id]?.tenant {
            succeeded["\(tenant) \(recipe)", default: 0] += 1
        }
        guard let execution, let failure = execution.failure else { return }
        require(
            change.attempts > change.oldAttempts, .attemptsAreBounded, "a try of run \(change.id) was not counted")
        require(
            execution.run == change.id && execution.fence == change.oldFence, .oldFenceChangesNothing,
            "run \(change.id) was ended under fence \(change.oldFence) by an execution under \(execution.fence)")
        guard let due = change.dueAt, due != .max else { return }
        require(
            failure.isRetryable && failure.kind != .discarded, .endIsEarned,
            "run \(change.id) is tried again after a failure that is for good")
        let delay = due - execution.endedAt
        checkDelay(delay, attempts: change.attempts, retryAfter: failure.retryAfter?.milliseconds, "run \(change.id)")
        if failure.retryAfter == nil {
            let index = min(max(Int(change.attempts), 1), Observer.schedule.count) - 1
            ratios.append(delay * 1000 / Observer.schedule[index])
        }
    }

    /// The number of the execution that a text begins with: `#7 …`.
    static func execution(_ text: String?) -> Int? {
        guard let text, text.hasPrefix("#") else { return nil }
        return Int(text.dropFirst().prefix(while: \.isNumber))
    }

    func checkLease(_ change: Change, _ what: String) {
        require(
            change.fence >= change.oldFence, .fenceRises,
            "\(what) \(change.id): the fence went from \(change.oldFence) to \(change.fence)")
        if change.state == Change.leased, change.oldState != Change.leased {
            require(
                change.fence > change.oldFence, .fenceRises, "\(what) \(change.id) was leased under its old fence")
        }
        if change.state == Change.leased, let due = change.oldDueAt {
            // What a clock that was ahead has put off comes back with it.
            require(
                due - simulation.setBack <= simulation.latestWall || isTouched(change.id), .backoffIsKept,
                "\(what) \(change.id) was taken before it was due")
        }
        if change.state == Change.leased, change.oldState == Change.leased {
            require(
                change.fence == change.oldFence, .oneActiveLease, "\(what) \(change.id) was leased while it was leased")
        }
        if change.losses > change.oldLosses {
            let isLate = (change.oldLeaseUntil ?? 0) <= simulation.leaseTime
            let isOfEarlierBoot = change.oldLeaseEpoch != simulation.epoch
            require(isLate || isOfEarlierBoot, .leaseLasts, "\(what) \(change.id) lost a lease that had not ended")
            require(
                isOfEarlierBoot || simulation.plan.disturbsLeases, .leaseLasts,
                "\(what) \(change.id) lost its lease though nothing stood still")
        }
    }

    func checkCounters(_ change: Change, _ what: String, most: Int64) {
        require(
            change.attempts <= most && change.deaths <= 3 && change.losses <= 20, .attemptsAreBounded,
            "\(what) \(change.id): \(change.attempts) attempts, \(change.losses) losses, \(change.deaths) deaths")
        let isCounted =
            change.attempts >= change.oldAttempts && change.losses >= change.oldLosses
            && change.deaths >= change.oldDeaths
        require(
            isCounted || isTouched(change.id), .attemptsAreBounded, "\(what) \(change.id): a counter went back")
        if change.oldState == Change.leased, change.state == 0 || change.state == 1 {
            require(
                change.attempts < most && change.deaths < 3 && change.losses < 20, .attemptsAreBounded,
                "\(what) \(change.id) goes on after its last try")
        }
        guard change.state == Change.dead, change.oldState != Change.dead else { return }
        switch change.deadReason {
        case 0:
            require(
                change.attempts >= most - (runs[change.id]?.wakes ?? effects[change.id]?.wakes ?? 0)
                    || change.losses >= 20, .endIsEarned,
                "\(what) \(change.id) was exhausted after \(change.attempts) attempts and \(change.losses) losses")
        case 2:
            require(
                change.deaths >= 3, .endIsEarned, "\(what) \(change.id) was poison after \(change.deaths) deaths")
        case 4 where effects[change.id] == nil:
            let (run, expire) = (runs[change.id], runs[change.id].flatMap { simulation.recipe($0.recipe)?.expire })
            // A clock that was ahead when it was made has been allowed for when it was put back; one that was put back and
            // forward again makes it older.
            let ahead = simulation.setForward - (run?.setForward ?? 0)
            let age = max(
                simulation.latestWall - (run?.madeAt ?? 0), simulation.thread.now - (run?.moment ?? 0) + ahead)
            require(age > expire ?? .max, .expiredInTime, "\(what) \(change.id) expired at the age of \(age) ms")
        default: break
        }
    }

    func checkDelay(_ delay: Int64, attempts: Int64, retryAfter: Int64?, _ what: String) {
        if let retryAfter {
            let asked = min(max(retryAfter, 0), SimulationPlan.day)
            require(
                delay >= asked - 1, .backoffIsKept, "\(what) is due after \(delay) ms; \(asked) ms were asked for")
            return
        }
        let base = Observer.schedule[min(max(Int(attempts), 1), Observer.schedule.count) - 1]
        require(
            delay >= base * 8 / 10 - 1 && delay <= base * 12 / 10 + 1, .backoffIsKept,
            "\(what) is due \(delay) ms after try \(attempts); \(base) ms ±20 % were promised")
    }

    func isTouched(_ effect: String) -> Bool {
        touched.contains(effect) || effects[effect].map { touched.contains($0.place.origin) } ?? false
    }

    private func resultMade(_ change: Change) {
        guard let number = (change.text.flatMap { try? JSONParser.parse($0) })?["execution"]?.integer,
            executions.indices.contains(Int(number)), let run = runs[change.id]
        else { return }
        let execution = executions[Int(number)]
        require(
            execution.run == change.id && execution.fence == run.fence, .oldFenceChangesNothing,
            "run \(change.id) succeeded under fence \(run.fence) by an execution under \(execution.fence)")
        let outputs = simulation.queries.outputsOfOrigin.first(.identity(run.origin)) { Int($0.number(0) ?? 0) } ?? 0
        require(
            outputs >= execution.outputs, .outputsOfEveryRun,
            "run \(change.id) left \(execution.outputs) outputs behind, and \(outputs) are stored")
        emissions.committed[change.id] = execution.emissions
    }

    // MARK: Events

    private func eventMade(_ change: Change) {
        let tenant = change.tenant ?? ""
        let name = "\(tenant) \(change.text ?? "")"
        let words = (change.text ?? "").split(separator: " ", maxSplits: 1).map(String.init)
        let source = words.first ?? ""
        let number = words.last.flatMap { delivery in
            Int64(delivery.dropFirst()) ?? Observer.tick(ofDelivery: delivery).map { $0 / SimulationPlan.minute }
        }
        if let other = change.other, let original = events[other] {
            require(
                original.tenant == tenant, .tenantsAreApart,
                "the event \(change.id) of \(tenant) is in conflict with one of \(original.tenant)")
        }
        events[change.id] = KnownEvent(
            tenant: tenant, source: source, number: number,
            receivedAt: change.dueAt ?? 0, isInConflict: change.other != nil, cause: change.event,
            depth: change.sends)
        if source.hasPrefix("recipe:") { emissionMade(change.id, delivery: words.last ?? "") }
        simulation.note("event \(change.id.suffix(8)) \(name)\(change.other == nil ? "" : " in conflict")")
        // How often a tick may come is not the window's business, but T1's.
        let isTick = SimulatedDefinitions.scheduled.sources.contains(source)
        if isTick { tickMade(change.id, delivery: words.last ?? "") }
        var known = stored[name] ?? (at: Int64.min / 2, events: 0)
        known.events += 1
        if change.other == nil {
            require(
                isTick || wall >= known.at + Observer.dedupeWindow, .deliveredOnce,
                "the delivery \(name) became an event twice within its window")
            known.at = wall
            let wanted = simulation.definitions.count { $0.sources.contains(source) }
            let made = simulation.queries.runsOfEvent.first(.identity(change.id)) { Int($0.number(0) ?? 0) } ?? 0
            require(
                made == wanted, .runOfEveryRecipe,
                "the event \(change.id) was stored with \(made) runs; \(wanted) recipes want it")
        }
        stored[name] = known
    }

    // MARK: Handlers

    /// A handler begins; returns the number of the execution.
    func begins(_ job: IsolateJob) -> Int {
        simulation.disturb()
        let run = job.run.digits
        let tenant = runs[run]?.tenant ?? ""
        require(
            job.tenant.name == tenant && job.event.tenant.name == tenant, .tenantsAreApart,
            "run \(run) of \(tenant) was handled as one of \(job.tenant), with an event of \(job.event.tenant)")
        checkBegin(job)
        checkQuarantine(job)
        executions.append(Execution(run: run, fence: runs[run]?.fence ?? 0))
        return executions.count - 1
    }

    /// A handler has read whose the store is that it was given.
    func read(owner: JSON?, _ job: IsolateJob) {
        guard let owner = owner?["value"]?.string else { return }
        require(
            owner == job.tenant.name, .tenantsAreApart, "a run of \(job.tenant) has read the store of \(owner)")
    }

    /// A handler came to its end, with so many outputs and these emissions.
    func planned(_ execution: Int, outputs: Int, emissions: [String]) {
        executions[execution].outputs = outputs
        executions[execution].emissions = emissions
    }

    func ended(_ execution: Int, _ result: IsolateOutcome.Result) {
        executions[execution].endedAt = wall
        if case .failed(let failure) = result { executions[execution].failure = failure }
    }

    /// The input of an effect: it tells the vendor which effect it is.
    func input(_ job: IsolateJob, step: String, number: Int64, group: String?) -> JSON {
        let origin = runs[job.run.digits]?.origin ?? ""
        groups[EffectPlace(origin: origin, step: step)] = group
        let group = group.map { [("group", JSON.string($0))] } ?? []
        return .object(
            JSONObject(
                [("origin", .string(origin)), ("step", .string(step)), ("number", .string("\(number)"))] + group))
    }
}

extension Identifier {
    /// As `hex()` of SQLite writes it.
    var digits: String {
        let text = [high, low].map { half in
            let digits = String(half, radix: 16, uppercase: true)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return text.joined()
    }
}
