import GrapnelCore
import GrapnelQueue
import GrapnelRun
import Logging
import TestSupport
import Testing

/// A scheduler on a real queue, with a hand-moved clock that begins on Monday, 2026-01-05 at 09:00 UTC.
final class SchedulerBench: Sendable {
    let clock: ManualClock
    let queue: SQLiteQueue
    let deployments: DeploymentStore
    let scheduler: Scheduler
    let ids: IdentifierGenerator
    private let directory: TemporaryDirectory
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// - Parameter on: `on:` of the recipe `greeter`.
    init(_ on: String, start: Timestamp = Timestamp(milliseconds: 1_767_603_600_000)) async throws {
        directory = try TemporaryDirectory()
        clock = ManualClock(start)
        ids = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 3))
        queue = try await SQLiteQueue.open(
            path: directory.file("grapnel.db"), clock: clock, ids: ids, node: "test", logger: logger)
        deployments = DeploymentStore(
            loader: RecipeLoader(bundles: nil), deployment: Deployment([try Sample.recipe(on: on)]))
        scheduler = Scheduler(queue: queue, deployments: deployments, ids: ids, clock: clock, logger: logger)
        _ = await scheduler.look()
    }

    /// A scheduler that knows nothing yet, as after a restart, of these recipes or of the same.
    func restarted(_ recipes: [DeployedRecipe]? = nil) -> Scheduler {
        let store = recipes.map { DeploymentStore(loader: RecipeLoader(bundles: nil), deployment: Deployment($0)) }
        return Scheduler(queue: queue, deployments: store ?? deployments, ids: ids, clock: clock, logger: logger)
    }

    /// Moves both clocks in steps and looks after each.
    func pass(_ duration: Duration, step: Duration) async {
        var passed = Duration.zero
        while passed < duration {
            clock.advance(by: step)
            passed += step
            _ = await scheduler.look()
        }
    }

    /// Moves the wall clock alone, and looks.
    func jump(_ duration: Duration) async {
        clock.setWallClock(clock.now() + duration)
        _ = await scheduler.look()
    }

    /// The ticks that made an event, the oldest first, each without seconds and fractions.
    func ticks() async throws -> [String] {
        try await queue.events(EventQuery(source: "schedule:greeter", limit: 1000)).reversed().compactMap { stored in
            let time = stored.event.body()?["scheduled_at"]?.string
            return time.map { String($0.prefix(16)) }
        }
    }

    /// How many runs there are.
    func runs() async throws -> Int { try await queue.runs(RunQuery(limit: 1000)).count }
}
