import GRDB
import GrapnelCore
import GrapnelIngest
import GrapnelQueue
import TestSupport

/// One storm, from its plan: a whole hub on one thread with no faults but those of the vendor of the crowd, and what was
/// seen of it. Computing takes no time here: what waits, waits for the disk, for isolates and for vendors.
///
/// Unchecked: there is one thread.
final class Storm: @unchecked Sendable {
    /// Events of the crowd that come together when they come as fast as the hub takes them.
    private static let handful = 256

    private let plan: StormPlan
    private let thread = SimulatedThread(order: nil)
    private let clock: SimulatedClock
    private let database: DatabaseQueue
    private let vendor: StormVendor
    private let hub: SimulatedHub
    private let sources: [String: Source]
    private var hasCommitPlanned = false
    /// Events that are to be accepted yet.
    private var open = 0
    private var crowdLeft: Int
    private var otherEvents = 0
    private var isOver = false
    private var failure: (any Error)?

    init(_ plan: StormPlan) throws {
        self.plan = plan
        guard GlobalExecutor.give(to: thread) else {
            throw QueueError(.unusable, "the runtime of Swift does not let its executor be taken over")
        }
        clock = SimulatedClock(thread: thread)
        database = try DatabaseQueue()
        vendor = StormVendor(plan, thread: thread, random: SeededRandomSource(seed: plan.seed))
        sources = try StormDefinitions.inbound()
        crowdLeft = plan.crowd
        hub = try SimulatedHub(
            SimulatedHub.Setup(
                clock: clock, database: database, recipes: try StormDefinitions.deployed(),
                connections: try StormDefinitions.connections(), egress: vendor,
                isolates: StormHandlers(plan: plan, clock: clock, random: SeededRandomSource(seed: plan.seed &+ 1)),
                commitWrites: QueueLimits().commitWrites, capacity: plan.isolates, retention: .seconds(30 * 86_400),
                random: SeededRandomSource(seed: plan.seed &+ 2)))
    }

    /// Lets it pass, to the end of all work or of the plan's patience.
    func run() throws -> StormFigures {
        hub.start()
        thread.after(0, .world) { [self] in postCrowd() }
        thread.after(plan.outage - SimulationPlan.minute, .world) { [self] in postOther() }
        thread.after(SimulationPlan.second, .world) { [self] in look() }
        while !isOver {
            _ = thread.runReady(limit: .max)
            planCommit()
            guard thread.step() else { throw QueueError(.unusable, "nothing happens any more") }
            if let failure { throw failure }
        }
        let figures = try figures()
        try end()
        return figures
    }

    // MARK: The world

    /// Brings the next events of the crowd: evenly over their time, or a handful for every commit.
    private func postCrowd() {
        guard crowdLeft > 0 else { return }
        let pace = plan.arrival / Int64(plan.crowd)
        for _ in 0..<(pace > 0 ? 1 : min(Storm.handful, crowdLeft)) {
            post(StormDefinitions.crowd, number: plan.crowd - crowdLeft)
            crowdLeft -= 1
        }
        thread.after(max(pace, plan.commitTime), .world) { [self] in postCrowd() }
    }

    private func postOther() {
        guard thread.now < plan.outage + plan.trickleTime else { return }
        post(StormDefinitions.others, number: otherEvents)
        otherEvents += 1
        thread.after(plan.trickle, .world) { [self] in postOther() }
    }

    private func post(_ name: String, number: Int) {
        guard let source = sources[name] else { return }
        let request = InboundRequest(
            method: "POST", url: "https://hub.example/hooks/\(name)", query: "",
            headers: HeaderFields([("content-type", "application/json"), ("x-delivery", "\(number)")]),
            body: Array(#"{"number":\#(number)}"#.utf8), peer: "192.0.2.1", receivedAt: clock.now())
        open += 1
        Task {
            let reply = await hub.pipeline.answer(to: request, of: source)
            open -= 1
            // A vendor that is told so comes again.
            guard reply.status >= 300 else { return }
            thread.after(SimulationPlan.second, .world) { [self] in post(name, number: number) }
        }
    }

    private func planCommit() {
        guard !hub.stepped.isIdle, !hasCommitPlanned else { return }
        hasCommitPlanned = true
        thread.after(plan.commitTime, .hub) { [self] in
            hasCommitPlanned = false
            hub.stepped.commit()
        }
    }

    /// Sees every second whether the crowd is through.
    private func look() {
        do { isOver = try thread.now >= plan.outage + plan.patience || isThrough() } catch { failure = error }
        thread.after(SimulationPlan.second, .world) { [self] in look() }
    }

    private func isThrough() throws -> Bool {
        guard crowdLeft == 0, open == 0, thread.now > plan.outage + plan.trickleTime else { return false }
        return try database.unsafeRead { database in
            let run = try Bool.fetchOne(
                try database.cachedStatement(
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM run WHERE recipe = ?1 AND state <= 1)
                            OR EXISTS (SELECT 1 FROM run WHERE recipe = ?1 AND state = 2)
                            OR EXISTS (SELECT 1 FROM outcome WHERE connection = ?1 AND delivery <= 1)
                            OR EXISTS (SELECT 1 FROM outcome WHERE connection = ?1 AND delivery = 2)
                            OR EXISTS (SELECT 1 FROM outcome WHERE connection = ?2 AND delivery <= 2)
                        """), arguments: [StormDefinitions.crowd, StormDefinitions.others])
            return run == false
        }
    }

    /// Ends the hub in order.
    private func end() throws {
        hub.shutDown()
        for _ in 0..<1_000_000 where !hub.hasEnded || !hub.stepped.isIdle {
            _ = thread.runReady(limit: .max)
            planCommit()
            guard thread.step() else { return }
        }
    }

    // MARK: What was seen

    private func figures() throws -> StormFigures {
        var figures = StormFigures()
        figures.log = vendor.log
        figures.capacity = plan.vendorCapacity
        figures.outage = plan.outage
        figures.end = thread.now
        let begin = clock.now().milliseconds - thread.now + plan.outage
        figures.others = try database.unsafeRead { database in
            // To the confirmed effect of those who came when the storm had begun.
            try Int64.fetchAll(
                database,
                sql: """
                    SELECT o.settled_at - e.received_at FROM outcome o JOIN effect f ON f.id = o.effect
                    JOIN event e ON e.id = f.event
                    WHERE f.recipe = ? AND o.settled_at IS NOT NULL AND e.received_at >= ? ORDER BY 1
                    """, arguments: [StormDefinitions.others, begin])
        }
        try database.unsafeRead { database in
            func count(_ sql: String) throws -> Int {
                try Int.fetchOne(database, sql: sql, arguments: [StormDefinitions.crowd]) ?? 0
            }
            figures.deadLetters =
                try count("SELECT COUNT(*) FROM run WHERE recipe = ? AND state = 4")
                + count("SELECT COUNT(*) FROM outcome WHERE connection = ? AND delivery = 4")
            figures.left =
                try plan.crowd - count("SELECT COUNT(*) FROM run WHERE recipe = ? AND state = 3")
                + count("SELECT COUNT(*) FROM outcome WHERE connection = ? AND delivery <> 3")
            figures.mostAttempts = try max(
                count("SELECT COALESCE(MAX(attempts), 0) FROM run WHERE recipe = ?"),
                count("SELECT COALESCE(MAX(attempts), 0) FROM outcome WHERE connection = ?"))
        }
        return figures
    }
}
