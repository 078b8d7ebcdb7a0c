import GRDB
import GRDBSQLite
import GrapnelCore
import GrapnelIngest
import GrapnelQueue
import GrapnelRun
import TestSupport

/// A hub and its world on one thread, from a seed: first everything fails that the seed says, then nothing does, and
/// everything must come to its end.
///
/// Unchecked: there is one thread.
package final class Simulation: @unchecked Sendable {
    /// Jobs of one seed; more means that something turns in circles.
    private static let mostSteps = 400_000
    /// How long what was decided a moment ago takes to be seen.
    private static let moment = 2 * SimulationPlan.minute
    /// How long everything may take to come to its end once faults have stopped.
    private static let patience = 40 * SimulationPlan.day

    let seed: UInt64
    let plan: SimulationPlan
    let thread: SimulatedThread
    let clock: SimulatedClock
    let database: DatabaseQueue
    /// The recipes of this hub.
    let definitions: [SimulatedRecipe]
    private(set) var recipes: [DeployedRecipe]
    /// Whether the recipe with the schedule has it still.
    private(set) var isScheduled: Bool
    /// The tokens that the hub is given.
    private(set) var secrets = SimulatedSecrets()
    /// The tokens that the vendors want.
    private var wanted: [String: Int] = [:]
    /// When something was last in the way of the hub.
    private(set) var lastTrouble: Int64 = 0
    /// Whether faults have stopped.
    private(set) var isCalm = false
    private(set) var hub: SimulatedHub?
    private(set) var epoch: Int64 = 0
    private(set) lazy var observer = Observer(self)
    private(set) lazy var vendor = SimulatedVendor(self, random: stream(3))
    private(set) lazy var handlers = SimulatedHandlers(self, random: stream(4))
    private lazy var sender = SimulatedSender(self, random: stream(5))
    private lazy var person = SimulatedPerson(self, random: stream(6))
    private let sources: [String: Source]
    private let trace: Trace
    private lazy var chaos = stream(7)
    private lazy var hubRandom = stream(8)
    private(set) var changeLog: ChangeLog?
    let queries: Queries
    private var connection: OpaquePointer?
    private var hasCommitPlanned = false
    private var isBootPlanned = false
    /// Lives that ended in a crash: kept, so that nothing of them ends in order.
    private var remains: [SimulatedHub] = []
    private var crashesInCommit = false
    private var boots = 0
    /// What the clock of leases is ahead of the monotonic one: it begins at the wall clock's time of the opening.
    private var leaseOffset = Duration.zero
    private var changesSeen = 0
    private var idleTurns = 0
    /// Until then those whose commit failed have tried again: time must not pass them by.
    private var retriesUntil: Int64 = 0
    /// How far the wall clock was set back, all in all.
    private(set) var setBack: Int64 = 0
    /// How far it was set forward, all in all.
    private(set) var setForward: Int64 = 0
    /// How often the wall clock was moved.
    private(set) var clockJumps = 0
    /// What the wall clock has shown at most before it was set back: ticks up to then may be done with.
    private(set) var peak: Int64 = .min
    /// When the hub went on, or goes on, that stood still last.
    private var awake: Int64 = .min / 2
    /// When the wall clock was moved, what it showed until then, and until when the hub may still go by that.
    private var jumps: [(at: Int64, from: Int64, until: Int64)] = []

    package init(seed: UInt64, prints: Bool = false) throws {
        self.seed = seed
        let random = SeededRandomSource(seed: seed &* 0x2545_F491_4F6C_DD1D)
        plan = SimulationPlan(random)
        thread = SimulatedThread(order: plan.shufflesJobs ? SeededRandomSource(seed: seed ^ 0xA5A5) : nil)
        clock = SimulatedClock(thread: thread)
        trace = Trace(prints: prints)
        isScheduled = plan.schedule != nil
        definitions =
            SimulatedDefinitions.recipes + plan.furtherRecipes + (isScheduled ? [SimulatedDefinitions.scheduled] : [])
        recipes = try SimulatedDefinitions.deployed(definitions, schedule: plan.schedule)
        sources = try SimulatedDefinitions.inbound()
        database = try Simulation.emptyDatabase()
        queries = try Queries(database)
    }

    /// A database whose schema was made once, for all seeds of a process.
    private static let schema = Result {
        let database = try DatabaseQueue()
        try Migrations.migrator.migrate(database)
        return database
    }

    private static func emptyDatabase() throws -> DatabaseQueue {
        let database = try DatabaseQueue()
        try schema.get().backup(to: database)
        // GRDB has every statement looked through; here nothing observes what they do.
        database.unsafeRead { _ = sqlite3_set_authorizer($0.sqliteConnection, nil, nil) }
        return database
    }

    /// The recipe of that name.
    func recipe(_ name: String) -> SimulatedRecipe? { definitions.first { $0.name == name } }

    /// Numbers of their own for each part, so that a change of one does not change what happens in the others.
    private func stream(_ number: UInt64) -> SeededRandomSource {
        SeededRandomSource(seed: seed &* 31 &+ number &* 0x9E37_79B9_7F4A_7C15)
    }

    /// The time that leases of this opening are measured by, in milliseconds.
    var leaseTime: Int64 { (clock.monotonic() + leaseOffset).milliseconds }

    /// What the wall clock shows, or showed a moment ago: who decided before it was set back goes by that, and a hub that
    /// stands still meanwhile has decided a moment ago when it goes on.
    var latestWall: Int64 {
        let now = clock.now().milliseconds
        return jumps.filter { thread.now < $0.until }.reduce(now) { max($0, $1.from + thread.now - $1.at) }
    }

    func note(_ text: String) { trace.note(at: thread.now, text) }

    /// Runs the whole of it.
    package func run() throws -> SimulationReport {
        guard GlobalExecutor.give(to: thread) else {
            throw QueueError(.unusable, "the runtime of Swift does not let its executor be taken over")
        }
        note("plan \(plan)")
        // Before the first start: a trigger that comes later has every statement of the hub prepared anew.
        changeLog = try ChangeLog(of: database)
        try boot()
        sender.begin()
        planFaults()
        thread.after(plan.span * 5 / 4 + SimulationPlan.minute, .world) { [self] in calm() }
        try turn { self.isCalm && self.sender.open == 0 && !self.isBootPlanned && self.isAtRest() }
        if observer.violation == nil { try end() }
        return SimulationReport(
            seed: seed, violation: observer.violation, hash: trace.hash, steps: thread.steps, time: thread.now,
            events: observer.events.count, requests: observer.sendings.count, boots: boots, tail: trace.tail)
    }

    private func isAtRest() -> Bool {
        observer.leased == 0 && hub?.stepped.isIdle ?? false && observer.isSettled()
    }

    // MARK: The loop

    /// Lets time pass until `isDone`, or an invariant does not hold.
    private func turn(until isDone: () -> Bool) throws {
        var deadline: Int64?
        while observer.violation == nil {
            if !thread.runReady(limit: 20_000) || thread.steps > Simulation.mostSteps {
                return observer.fail(
                    .noSpinning, "\(thread.steps) jobs ran, and there is no end: \(try observer.unsettled())")
            }
            if isDone() { return }
            if isCalm, deadline == nil { deadline = thread.now + Simulation.patience }
            if let deadline, thread.now > deadline {
                return observer.fail(.storedBecomesTerminal, "without an end: \(try observer.unsettled())")
            }
            planCommit()
            skipIdleTime()
            guard thread.step() else {
                return observer.fail(.storedBecomesTerminal, "nothing happens any more: \(try observer.unsettled())")
            }
        }
    }

    /// While nothing is under way time jumps to what comes next: timers that only look whether there is anything to do
    /// fire late, as they may on a machine that sleeps.
    private func skipIdleTime() {
        if observer.changes != changesSeen {
            changesSeen = observer.changes
            idleTurns = 0
        }
        guard observer.leased == 0, !hasCommitPlanned, thread.now >= retriesUntil, let next = thread.nextTime else {
            return
        }
        let wall = clock.now().milliseconds
        let (waiting, due) =
            queries.due.first(.number(wall)) { ($0.number(0) ?? 0, $0.number(1)) } ?? (0, nil)
        idleTurns += 1
        var target = thread.nextWorldTime ?? Int64.max
        if let due { target = min(target, thread.now + due - wall) }
        var isTickDue = false
        if isScheduled, let schedule = plan.schedule {
            isTickDue = max(observer.ticks.last, observer.ticks.began ?? wall) < schedule.last(until: wall)
            // Who looks at the time has its turn before more of it passes.
            if next < thread.now { return }
            target = min(target, thread.now + schedule.next(after: wall) - wall)
        }
        // What is due and is not taken is being kept back for a reason: time passes in greater and greater steps.
        if waiting > 0 || isTickDue || target == Int64.max {
            guard idleTurns > 40 else { return }
            let step = SimulationPlan.second << Int64(min((idleTurns - 40) / 8, 11))
            // A tick that has just come, or is still to be made up for, must not wait for longer than one may.
            let age = plan.schedule.map { wall - $0.last(until: wall) } ?? 0
            let isAwaited = isTickDue && (age < Observer.slack || plan.schedule?.catchesUp ?? false)
            let most = isAwaited ? 30 * SimulationPlan.second : step
            target = min(target, thread.now + min(step, most))
        }
        if target > next { thread.skip(to: target) }
    }

    // MARK: Commits

    private func planCommit() {
        guard let hub, !hub.stepped.isIdle, !hasCommitPlanned else { return }
        hasCommitPlanned = true
        let isSlow = !isCalm && chaos.chance(plan.slowCommits)
        let time = isSlow ? chaos.within(1000...45_000) : chaos.within(0...20)
        if isSlow { trouble(for: time) }
        thread.after(time, .hub) { [self] in
            hasCommitPlanned = false
            commit(hub)
        }
    }

    private func commit(_ hub: SimulatedHub) {
        let fault = isCalm ? 1 : chaos.unit()
        if fault < plan.storageFaults {
            trouble()
            retriesUntil = thread.now + 30 * SimulationPlan.second
        }
        if fault < plan.storageFaults / 2 {
            note("commit refused")
            hub.stepped.refuse(QueueError(.storage, "the disk is at fault"))
        } else if fault < plan.storageFaults {
            note("commit on a full disk")
            limitPages(isFull: true)
            hub.stepped.commit()
            limitPages(isFull: false)
        } else if !isCalm, chaos.chance(plan.commitCrashes) {
            crashesInCommit = chaos.chance(0.6)
            note(crashesInCommit ? "crash in a commit" : "crash after a commit")
            hub.stepped.commit()
            crashesInCommit = false
            observer.committed()
            return crash()
        } else {
            hub.stepped.commit()
        }
        observer.committed()
    }

    private func limitPages(isFull: Bool) {
        let pages = (try? database.unsafeRead { try Int.fetchOne($0, sql: "PRAGMA page_count") }) ?? 0
        let most = isFull ? max(pages, 1) : 1_073_741_823
        sqlite3_exec(connection, "PRAGMA max_page_count = \(most)", nil, nil, nil)
    }

    /// Called in the middle of a commit; whether it must come to nothing, because the process is dying.
    fileprivate func isCrashing() -> Bool {
        guard crashesInCommit else { return false }
        // Who was answered already has heard it.
        _ = thread.runReady(limit: 1000)
        return true
    }

    // MARK: The hub's lives

    private func boot() throws {
        isBootPlanned = false
        vendor.restart()
        let hub = try SimulatedHub(self, random: hubRandom)
        self.hub = hub
        epoch = hub.queue.bootEpoch
        leaseOffset = clock.now() - Timestamp(milliseconds: clock.monotonic().milliseconds)
        boots += 1
        connection = database.unsafeRead { $0.sqliteConnection }
        sqlite3_commit_hook(
            connection,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Simulation>.fromOpaque(context).takeUnretainedValue().isCrashing() ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
        note("boot \(epoch)")
        trouble()
        hub.start()
    }

    private func crash() {
        guard let hub else { return }
        note("crash")
        trouble()
        remains.append(hub)
        self.hub = nil
        hasCommitPlanned = false
        thread.dropHub()
        planBoot(after: chaos.within(100...10 * SimulationPlan.minute))
    }

    private func planBoot(after time: Int64) {
        isBootPlanned = true
        thread.after(time, .world) { [self] in
            do { try boot() } catch { observer.fail(.storedBecomesTerminal, "the hub does not start: \(error)") }
        }
    }

    /// Ends the hub in order, and starts it again when `isFollowed`.
    private func shutDown(_ hub: SimulatedHub, isFollowed: Bool) {
        note("shut down")
        trouble()
        hub.shutDown()
        func look() {
            guard self.hub === hub else { return }
            guard hub.hasEnded, hub.stepped.isIdle else {
                thread.after(SimulationPlan.second, .world) { look() }
                return
            }
            note("ended")
            remains.append(hub)
            self.hub = nil
            hasCommitPlanned = false
            thread.dropHub()
            if isFollowed { planBoot(after: chaos.within(100...SimulationPlan.minute)) }
        }
        thread.after(SimulationPlan.second, .world) { look() }
    }

    // MARK: The world

    /// Brings a delivery to the hub; `answered` is told the status, if there is an answer.
    func post(_ delivery: SimulatedSender.Delivery, answered: @escaping (Int) -> Void) {
        guard let hub, let source = sources[delivery.source] else {
            thread.after(1, .world) { answered(503) }
            return
        }
        let call = UncheckedCall(answered)
        guard delivery.tenant == .default else {
            let accepted = hub.accepted(delivery, now: clock.now())
            Task { call.body((try? await hub.queue.accept(accepted)) == nil ? 503 : 202) }
            return
        }
        let request = InboundRequest(
            method: "POST", url: "https://hub.example/hooks/\(delivery.source)", query: "",
            headers: HeaderFields([("content-type", "application/json"), ("x-delivery", delivery.id)]),
            body: delivery.body, peer: "192.0.2.1", receivedAt: clock.now())
        Task {
            let reply = await hub.pipeline.answer(to: request, of: source)
            call.body(reply.status)
        }
    }

    /// Carries a closure into a task of the one thread.
    private struct UncheckedCall: @unchecked Sendable {
        let body: (Int) -> Void

        init(_ body: @escaping (Int) -> Void) { self.body = body }
    }

    private func planFaults() {
        func sometime(_ count: Int, _ action: @escaping () -> Void) {
            for _ in 0..<count {
                thread.after(chaos.within(0...plan.span * 5 / 4), .world) { [self] in
                    if !isCalm { action() }
                }
            }
        }
        sometime(plan.crashes) { [self] in crash() }
        sometime(plan.shutdowns) { [self] in
            if let hub { shutDown(hub, isFollowed: true) }
        }
        sometime(plan.stalls) { [self] in
            let time = chaos.within(5...300) * SimulationPlan.second
            note("the hub stands still for \(time) ms")
            standStill(for: time)
        }
        sometime(plan.clockJumps) { [self] in
            let jumps = [SimulationPlan.second, SimulationPlan.minute, SimulationPlan.hour, SimulationPlan.day]
            let jump = chaos.pick(jumps) ?? 0
            jumpClock(by: chaos.chance(0.5) ? jump : -jump)
        }
        sometime(plan.offlineSpells) { [self] in
            let host = chaos.pick(SimulatedDefinitions.hosts) ?? ""
            let time = chaos.within(1...360) * SimulationPlan.minute
            note("\(host) is offline for \(time) ms")
            vendor.unplug(host, until: thread.now + time)
        }
        sometime(plan.rotations) { [self] in
            rotate(chaos.below(SimulatedDefinitions.hosts.count), setAfter: chaos.within(0...6 * SimulationPlan.hour))
        }
        sometime(plan.humanActs) { [self] in
            do { try person.act() } catch { observer.fail(.countersAreTrue, "the database cannot be read: \(error)") }
        }
    }

    /// A vendor wants another token; the operator learns of it later.
    private func rotate(_ index: Int, setAfter time: Int64) {
        let (name, host) = (SimulatedDefinitions.connections[index], SimulatedDefinitions.hosts[index])
        wanted[name, default: 0] += 1
        note("\(host) wants the token \(wanted[name, default: 0])")
        vendor.want(token: wanted[name, default: 0], host)
        thread.after(time, .world) { [self] in takeTokens() }
    }

    /// The operator sets the tokens that the vendors want.
    private func takeTokens() {
        guard secrets.tokens != wanted else { return }
        note("other tokens are set")
        secrets.tokens = wanted
        hub?.take(secrets)
    }

    private func jumpClock(by time: Int64) {
        note("the wall clock jumps by \(time) ms")
        jumps.append((thread.now, clock.now().milliseconds, max(thread.now, awake) + Simulation.moment))
        clockJumps += 1
        if time < 0 { peak = max(peak, clock.now().milliseconds) }
        setBack += max(-time, 0)
        setForward += max(time, 0)
        clock.jump(by: .milliseconds(time))
        trouble()
    }

    private func standStill(for time: Int64) {
        thread.freezeHub(for: time)
        awake = max(awake, thread.now + time)
        for index in jumps.indices where jumps[index].until > thread.now {
            jumps[index].until = max(jumps[index].until, awake + Simulation.moment)
        }
        trouble(for: time)
    }

    /// Something is in the way of the hub, from now on for that long.
    private func trouble(for time: Int64 = 0) { lastTrouble = max(lastTrouble, thread.now + time) }

    /// The recipe with the schedule goes on without it: ticks never end, and everything else must.
    private func endSchedule() {
        guard isScheduled else { return }
        observer.checkTicks()
        isScheduled = false
        do {
            recipes = try SimulatedDefinitions.deployed(definitions, schedule: nil)
            hub?.deployments.replace(with: Deployment(recipes))
        } catch {
            observer.fail(.tickIsNotLost, "the schedule cannot be removed: \(error)")
        }
    }

    /// A handler begins: sometimes its lease ends before it does.
    func disturb() {
        guard !isCalm, chaos.chance(plan.disturbances) else { return }
        let isStall = chaos.chance(0.4)
        thread.after(chaos.within(0...20 * SimulationPlan.second), .world) { [self] in
            if isCalm { return }
            if !isStall { return jumpClock(by: SimulationPlan.minute) }
            note("the hub stands still")
            standStill(for: chaos.within(25...90) * SimulationPlan.second)
        }
    }

    /// Faults stop: from now on everything must come to its end.
    private func calm() {
        note("calm")
        isCalm = true
        thread.after(30 * SimulationPlan.minute, .world) { [self] in endSchedule() }
        for host in SimulatedDefinitions.hosts { vendor.unplug(host, until: 0) }
        takeTokens()
        func decide() {
            do {
                try person.resumeAll()
                try person.releaseAll()
                try person.decideAll()
            } catch {
                observer.fail(.countersAreTrue, "the database cannot be read: \(error)")
            }
            thread.after(SimulationPlan.hour, .world) { decide() }
        }
        decide()
    }

    /// Ends the hub in order, and looks at what is left.
    private func end() throws {
        if let hub {
            let observer = observer
            Task {
                do { try await observer.checkDeadLetters(hub.queue) } catch {
                    observer.fail(.deadLettersAreListed, "\(error)")
                }
            }
            shutDown(hub, isFollowed: false)
            try turn { self.hub == nil }
        }
        if observer.violation == nil { try observer.checkEnd(acked: sender.acked) }
    }
}
