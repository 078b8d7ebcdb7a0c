package import GrapnelCore
import GrapnelFormat
package import GrapnelQueue
package import Logging
import ServiceLifecycle
import Synchronization

/// Makes an event of every tick of the deployed recipes' schedules.
///
/// How far each schedule has come is stored by the commit that stores its tick, so that a tick runs once over crashes
/// and clocks that are set back; of ticks that were missed, the last runs.
package final class Scheduler: Service {
    private typealias Entry = ScheduleAlignment.Entry

    /// How far a schedule has come, and when it comes next.
    private struct Progress {
        var mark: ScheduleMark
        var next: Timestamp?
    }

    private let queue: any QueueReader & QueueWriter
    private let deployments: DeploymentStore
    private let maker: EventMaker
    private let ids: IdentifierGenerator
    private let clock: any HubClock
    private let pace: SchedulerPace
    private let logger: Logger
    private let progress = Mutex<[ScheduleAlignment.Entry: Progress]>([:])

    package init(
        queue: any QueueReader & QueueWriter, deployments: DeploymentStore, ids: IdentifierGenerator,
        clock: any HubClock, pace: SchedulerPace = SchedulerPace(), logger: Logger
    ) {
        self.queue = queue
        self.deployments = deployments
        maker = EventMaker(matcher: deployments, ids: ids, clock: clock)
        self.ids = ids
        self.clock = clock
        self.pace = pace
        self.logger = logger
    }

    /// Runs until graceful shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let wait = await self.look()
                guard (try? await self.clock.sleep(for: wait)) != nil else { return }
            }
        }
    }

    // MARK: Ticks

    /// Records every tick that has come; returns how long to wait before the next look.
    package func look() async -> Duration {
        let schedules = scheduled()
        do {
            try await align(Set(schedules.keys))
            for (entry, schedule) in schedules { try await tick(entry, schedule) }
        } catch {
            logger.warning("the ticks of schedules could not be recorded", metadata: ["error": "\(error)"])
            return pace.poll
        }
        let now = clock.now()
        let next = progress.withLock { $0.values.compactMap(\.next).min() }
        return min(max(next.map { $0 - now } ?? pace.poll, .milliseconds(10)), pace.poll)
    }

    private func scheduled() -> [Entry: Schedule] {
        var found: [Entry: Schedule] = [:]
        for recipe in deployments.current.recipes.values {
            for schedule in recipe.manifest.schedules {
                found[Entry(recipe: recipe.name, schedule: schedule.key)] = schedule
            }
        }
        return found
    }

    /// Tells the queue which schedules there are, when they are others than before or when the clock was set back far.
    private func align(_ entries: Set<Entry>) async throws {
        let alignment = ScheduleAlignment(tenant: .default, entries: entries)
        let latest = clock.now() + alignment.greatestLead
        let isAligned = progress.withLock { progress in
            Set(progress.keys) == entries && progress.values.allSatisfy { $0.mark.doneUntil <= latest }
        }
        if isAligned { return }
        let marks = try await queue.align(alignment)
        progress.withLock { progress in
            progress = [:]
            // The next tick is found at the first look.
            for mark in marks {
                progress[Entry(recipe: mark.recipe, schedule: mark.schedule)] = Progress(
                    mark: mark, next: mark.doneUntil)
            }
        }
    }

    private func tick(_ entry: Entry, _ schedule: Schedule) async throws {
        let now = clock.now()
        guard let known = progress.withLock({ $0[entry] }), let next = known.next, next <= now else { return }
        var mark = known.mark
        if let due = schedule.due(after: mark.doneUntil, by: now) {
            let isMissed = schedule.catchUp == .none && now - due.at > pace.onTime
            let tick = ScheduleTick(
                tenant: .default, recipe: entry.recipe, schedule: entry.schedule, at: due.at,
                accepted: isMissed ? nil : accepted(due, of: schedule, recipe: entry.recipe))
            let result = try await queue.tick(tick)
            mark.doneUntil = due.at
            if result != nil, !isMissed { mark.lastTick = due.at }
            if due.missed > 0 || isMissed {
                logger.notice(
                    "ticks of a schedule were missed",
                    metadata: [
                        "recipe": "\(entry.recipe)", "schedule": "\(schedule.expression)",
                        "count": "\(due.missed + (isMissed ? 1 : 0))",
                    ])
            }
        }
        let advanced = Progress(mark: mark, next: schedule.next(after: mark.doneUntil))
        progress.withLock { $0[entry] = advanced }
    }

    private func accepted(_ due: DueTick, of schedule: Schedule, recipe: String) -> AcceptedRequest {
        let body: JSON = [
            "scheduled_at": .string(due.at.description), "timezone": .string(schedule.timezone),
            "expression": .string(schedule.expression), "missed": .integer(Int64(due.missed)),
        ]
        return maker.tick(of: recipe, body: body, deliveryID: "\(schedule.key)@\(due.at)")
    }

    // MARK: What people plan and see

    /// Plans one run of a recipe for a moment, now when that has passed.
    ///
    /// - Parameter body: The event's body; by default it says when the run was planned for.
    /// - Throws: `ScheduleError` when there is no such recipe, or the moment is too far ahead.
    package func plan(_ recipe: String, at: Timestamp, body: JSON? = nil) async throws -> Identifier<Run> {
        guard let deployed = deployments.current.recipes[recipe] else {
            throw ScheduleError("there is no recipe \(recipe)")
        }
        guard at <= clock.now() + pace.farthest else {
            throw ScheduleError("\(at) is too far ahead; plan for \(pace.farthest.text) at most")
        }
        let content = body ?? ["scheduled_at": .string(at.description), "timezone": "UTC", "missed": 0]
        let run: Identifier<Run> = ids.next()
        let accepted = maker.planned(run, of: recipe, version: deployed.version, at: at, body: content)
        _ = try await queue.accept(accepted)
        return run
    }

    /// The schedules of the deployed recipes, by recipe.
    package func listings() async throws -> [ScheduleListing] {
        let now = clock.now()
        let marks = Dictionary(
            try await queue.scheduleMarks().map { (Entry(recipe: $0.recipe, schedule: $0.schedule), $0) },
            uniquingKeysWith: { _, last in last })
        return deployments.current.recipes.values.sorted { $0.name < $1.name }.flatMap { recipe in
            recipe.manifest.schedules.map { schedule in
                let mark = marks[Entry(recipe: recipe.name, schedule: schedule.key)]
                return ScheduleListing(
                    recipe: recipe.name, schedule: schedule,
                    next: schedule.next(after: max(mark?.doneUntil ?? now, now)),
                    last: mark?.lastTick)
            }
        }
    }

    /// Runs that wait for a time that a person chose, the next one first.
    package func planned(limit: Int) async throws -> [Run] {
        var found: [Run] = []
        for recipe in deployments.current.recipes.keys.sorted() {
            found += try await queue.plannedRuns(of: recipe, limit: limit)
        }
        return Array(
            found.sorted { ($0.dueAt ?? $0.createdAt, $0.id) < ($1.dueAt ?? $1.createdAt, $1.id) }.prefix(limit))
    }
}
