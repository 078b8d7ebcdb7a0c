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
    static let moment = 2 * SimulationPlan.minute
    /// How long everything may take to come to its end once faults have stopped.
    private static let patience = 40 * SimulationPlan.day

    let seed: UInt64
    let plan: SimulationPlan
    let thread: SimulatedThread
    let clock: SimulatedClock
    let database: DatabaseQueue
    /// The recipes of this hub.
    let definitions: [SimulatedRecipe]
    var recipes: [DeployedRecipe]
    /// Whether the recipe with the schedule has it still.
    var isScheduled: Bool
    /// The tokens that the hub is given.
    var secrets = SimulatedSecrets()
    /// The tokens that the vendors want.
    var wanted: [String: Int] = [:]
    /// When something was last in the way of the hub.
    var lastTrouble: Int64 = 0
    /// Whether faults have stopped.
    var isCalm = false
    var hub: SimulatedHub?
    var epoch: Int64 = 0
    private(set) lazy var observer = Observer(self)
    private(set) lazy var vendor = SimulatedVendor(self, random: stream(3))
    private(set) lazy var handlers = SimulatedHandlers(self, random: stream(4))
    private lazy var sender = SimulatedSender(self, random: stream(5))
    lazy var person = SimulatedPerson(self, random: stream(6))
    private let sources: [String: Source]
    private let trace: Trace
    lazy var chaos = stream(7)
    lazy var hubRandom = stream(8)
    private(set) var changeLog: ChangeLog?
    let queries: Queries
    var connection: OpaquePointer?
    var hasCommitPlanned = false
    var isBootPlanned = false
    /// Lives that ended in a crash: kept, so that nothing of them ends in order.
    var remains: [SimulatedHub] = []
    var crashesInCommit = false
    var boots = 0
    /// What the clock of leases is ahead of the monotonic one: it begins at the wall clock's time of the opening.
    var leaseOffset = Duration.zero
    private var changesSeen = 0
    private var idleTurns = 0
    /// Until then those whose commit failed have tried again: time must not pass them by.
    var retriesUntil: Int64 = 0
    /// How far the wall clock was set back, all in all.
    var setBack: Int64 = 0
    /// How far it was set forward, all in all.
    var setForward: Int64 = 0
    /// How often the wall clock was moved.
    var clockJumps = 0
    /// What the wall clock has shown at most before it was set back: ticks up to then may be done with.
    var peak: Int64 = .min
    /// When the hub went on, or goes on, that stood still last.
    var awake: Int64 = .min / 2
    /// When the wall clock was moved, what it showed until then, and until when the hub may still go by that.
    var jumps: [(at: Int64, from: Int64, until: Int64)] = []

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
