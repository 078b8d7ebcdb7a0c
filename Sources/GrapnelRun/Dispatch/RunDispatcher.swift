package import GrapnelCore
import GrapnelFormat
package import GrapnelQueue
package import Logging
import ServiceLifecycle
import Synchronization

/// Executes this node's runs: those that ingest commits already leased, and those that it claims when they are due.
///
/// Every run holds one place (`IsolateShares`) from its reservation or claim until its end is committed. Runs beyond
/// the places stay in the queue, ready and not leased.
package final class RunDispatcher: RunStarting, AwaitedConnections, Service {
    private struct State {
        var shares: IsolateShares
        var isDraining = false
    }

    let reader: any QueueReader
    let writer: any QueueWriter
    let isolates: any IsolateExecuting
    let broker: any EffectBroker
    let deployments: DeploymentStore
    let quarantines: QuarantineList
    let notices: any NoticePosting
    let configuration: DispatchConfiguration
    let clock: any HubClock
    let random: any RandomSource
    let logger: Logger
    let maker: EventMaker
    let running = RunningRuns()
    let board: ReplyBoard
    private let state: Mutex<State>
    private let starts: AsyncStream<LeasedRun>
    private let startsContinuation: AsyncStream<LeasedRun>.Continuation
    /// One wake at most is kept: a claim looks at everything that is due.
    private let wakes: AsyncStream<Void>
    private let wakesContinuation: AsyncStream<Void>.Continuation

    package init(
        reader: any QueueReader, writer: any QueueWriter, isolates: any IsolateExecuting, broker: any EffectBroker,
        deployments: DeploymentStore, quarantines: QuarantineList = QuarantineList(),
        configuration: DispatchConfiguration = DispatchConfiguration(), clock: any HubClock, random: any RandomSource,
        notices: any NoticePosting = SilentNotices(), logger: Logger
    ) {
        self.reader = reader
        self.writer = writer
        self.isolates = isolates
        self.broker = broker
        self.deployments = deployments
        self.quarantines = quarantines
        self.notices = notices
        self.configuration = configuration
        self.clock = clock
        self.random = random
        self.logger = logger
        maker = EventMaker(
            matcher: deployments, ids: IdentifierGenerator(clock: clock, random: random), clock: clock)
        board = ReplyBoard(clock: clock)
        state = Mutex(State(shares: IsolateShares(capacity: configuration.capacity)))
        // Bounded by the places: nothing is put in that holds none.
        (starts, startsContinuation) = AsyncStream.makeStream()
        (wakes, wakesContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs until the hub shuts down and what runs has ended, or was handed back.
    package func run() async throws {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.executeStarted()
                return true
            }
            group.addTask {
                await self.claimWhenWoken()
                return false
            }
            group.addTask {
                for await _ in self.reader.readiness() { self.wake() }
                return false
            }
            group.addTask {
                await self.wakeWhenDue()
                return false
            }
            group.addTask {
                await self.prolongLeases()
                return false
            }
            group.addTask {
                await self.drainOnShutdown()
                return false
            }
            // The others end when the last run has.
            for await isLast in group where isLast { group.cancelAll() }
        }
    }

    // MARK: Places

    package func reserve(recipe: String) -> Bool {
        let manifest = deployments.current.recipes[recipe]?.manifest
        let uses = manifest.map { Array($0.uses.keys) } ?? []
        return state.withLock { state in
            !state.isDraining
                && state.shares.reserve(recipe, connections: uses, atMost: manifest?.flow.concurrency)
        }
    }

    package func release(recipe: String) { giveBack(recipe) }

    package func start(_ run: LeasedRun) {
        running.add(run)
        startsContinuation.yield(run)
    }

    package func reply(to run: Identifier<Run>, within: Duration) async -> HTTPReply? {
        await board.reply(to: run, within: within)
    }

    package func awaitBegan(connection: String) { state.withLock { $0.shares.awaitBegan(connection) } }

    package func awaitEnded(connection: String) { state.withLock { $0.shares.awaitEnded(connection) } }

    private func giveBack(_ recipe: String) {
        let (isWanted, isDone) = state.withLock { state in
            state.shares.giveBack(recipe)
            return (state.shares.isWantedByQueue, state.isDraining && state.shares.isIdle)
        }
        if isDone { startsContinuation.finish() } else if isWanted { wake() }
    }

    private func wake() { wakesContinuation.yield() }

    // MARK: Executing

    private func executeStarted() async {
        await withDiscardingTaskGroup { group in
            for await leased in starts {
                group.addTask {
                    await self.execute(leased)
                    self.running.remove(leased.run.id)
                    self.giveBack(leased.run.recipe)
                }
            }
        }
    }

    // MARK: Claiming

    private func claimWhenWoken() async {
        for await _ in wakes {
            while await claim() {}
        }
    }

    /// Claims once; `true` when there may be more to claim at once.
    private func claim() async -> Bool {
        let terms = deployments.current.claimTerms
        let plan = state.withLock { state in
            state.isDraining
                ? nil
                : state.shares.beginClaim(
                    atMost: configuration.claim, recipes: terms.recipes, most: terms.most)
        }
        guard let plan else { return false }
        do {
            let claimed = try await writer.claimRuns(
                RunClaim(
                    limit: plan.limit, excludedRecipes: plan.excluded, rooms: plan.rooms, priorities: terms.priorities,
                    lease: configuration.lease))
            let (hasMore, isFinished) = state.withLock { state in
                let hasMore = state.shares.endClaim(plan, claimed: claimed.map(\.run.recipe))
                return (hasMore, state.isDraining && state.shares.isIdle)
            }
            for run in claimed { start(run) }
            if isFinished { startsContinuation.finish() }
            return hasMore
        } catch {
            state.withLock { $0.shares.abandonClaim(plan) }
            logger.warning("runs could not be claimed", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Wakes the claiming when the next scheduled run is due, and now and then for safety.
    private func wakeWhenDue() async {
        while !Task.isCancelled {
            // What is due and is not taken waits for a place, and a place that becomes free wakes the claiming.
            let looked = clock.now()
            wake()
            let due = (try? await reader.nextRunDue(after: looked)) ?? nil
            let wait = due.map { $0 - clock.now() } ?? configuration.poll
            let bounded = min(max(wait, .milliseconds(50)), configuration.poll)
            guard (try? await clock.sleep(for: bounded)) != nil else { return }
        }
    }

    // MARK: Leases

    private func prolongLeases() async {
        while (try? await clock.sleep(for: configuration.heartbeat)) != nil {
            let fences = running.fences
            if fences.isEmpty { continue }
            do {
                let lost = try await writer.extendLeases(
                    LeaseExtension(runs: fences, outputs: [:], lease: configuration.lease))
                running.stop(lost.cancelledRuns)
                let stopped = running.fence(lost.runs)
                if stopped == 0 { continue }
                logger.warning("leases of runs were lost; they are stopped", metadata: ["count": "\(stopped)"])
            } catch {
                logger.warning("leases of runs could not be prolonged", metadata: ["error": "\(error)"])
            }
        }
    }

    // MARK: Shutting down

    private func drainOnShutdown() async {
        guard (try? await gracefulShutdown()) != nil else { return }
        let isIdle = state.withLock { state in
            state.isDraining = true
            return state.shares.isIdle
        }
        if isIdle { return startsContinuation.finish() }
        // Cancelled when the last run has ended before.
        guard (try? await clock.sleep(for: configuration.drain)) != nil else { return }
        logger.notice("runs that did not end in time are handed back", metadata: ["count": "\(running.fences.count)"])
        running.stopAll()
        startsContinuation.finish()
    }
}
