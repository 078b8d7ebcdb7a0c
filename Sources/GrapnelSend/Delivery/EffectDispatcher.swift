package import GrapnelCore
package import GrapnelQueue
package import Logging
import ServiceLifecycle
import Synchronization

/// Carries effects out: answers the calls of runs, and delivers outputs, both through the ledger.
///
/// As a service it claims due outputs, keeps their leases, and on shutdown stops claiming, lets what has been sent
/// finish, and hands the rest back.
package final class EffectDispatcher: EffectBroker, Service {
    /// An output on its way to be sent.
    struct Delivery: Sendable {
        let output: LeasedOutput
        /// When its connection's gate has let it through already.
        let admission: Admission?
    }

    let connections: ConnectionTable
    let writer: any QueueWriter
    let reader: any QueueReader
    let egress: any EgressPerforming
    let tenantKey: [UInt8]
    let policy: RetryPolicy
    let limits: SendLimits
    let clock: any HubClock
    let random: any RandomSource
    let identifiers: IdentifierGenerator
    let logger: Logger
    let room: OutputRoom
    let outside: OutsideWorld
    let healths: HealthBoard
    /// The connections that were paused when it was last asked: what is in hand for them goes back.
    let paused = Mutex<Set<String>>([])
    package let notices: any NoticePosting
    let calls = CallsUnderWay()
    private let deliveries: AsyncStream<Delivery>
    private let delivery: AsyncStream<Delivery>.Continuation
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - connections: The configured connections.
    ///   - writer: The write half of the queue.
    ///   - reader: The read half of the queue.
    ///   - egress: What sends; it starts before this and ends after it.
    ///   - tenantKey: The key that idempotency keys are derived with.
    ///   - policy: The schedule of retries of outputs.
    ///   - limits: The limits of sending.
    ///   - reachability: When the hub counts as offline.
    ///   - health: When a connection that fails is paused.
    ///   - notices: Who is told of it, and of outputs that gave up or wait for a human.
    ///   - clock: Time.
    ///   - random: For the jitter of retries.
    ///   - identifiers: Makes the ids of effects.
    ///   - logger: Where failures are told.
    package init(
        connections: ConnectionTable, writer: any QueueWriter, reader: any QueueReader,
        egress: any EgressPerforming, tenantKey: [UInt8], policy: RetryPolicy = RetryPolicy(),
        limits: SendLimits = SendLimits(),
        reachability: Reachability.Limits = Reachability.Limits(), health: HealthRecord.Limits = HealthRecord.Limits(),
        notices: any NoticePosting = SilentNotices(), clock: any HubClock, random: any RandomSource,
        identifiers: IdentifierGenerator, logger: Logger
    ) {
        self.connections = connections
        self.writer = writer
        self.reader = reader
        self.egress = egress
        self.tenantKey = tenantKey
        self.policy = policy
        self.limits = limits
        self.clock = clock
        self.random = random
        self.identifiers = identifiers
        self.logger = logger
        self.notices = notices
        room = OutputRoom(limits: limits)
        outside = OutsideWorld(limits: reachability)
        healths = HealthBoard(limits: health)
        (deliveries, delivery) = AsyncStream.makeStream()
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func run() async throws {
        await readHealth()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepLeases() }
            group.addTask { await self.listen() }
            group.addTask { await self.tick() }
            group.addTask { await self.probe() }
            group.addTask { await self.wakeWaiting() }
            group.addTask {
                await cancelWhenGracefulShutdown { await self.claimDue() }
                self.beginStopping()
                // What has not been answered by then is ended, and recorded as unknown.
                if (try? await self.clock.sleep(for: self.limits.shutdown)) != nil { self.egress.stop() }
            }
            await withDiscardingTaskGroup { senders in
                for await delivery in deliveries {
                    senders.addTask { await self.send(delivery) }
                }
            }
            await calls.waitUntilIdle()
            group.cancelAll()
        }
    }

    package var credentials: [String: [UInt8]] { connections.fingerprints }

    /// Queues a leased output for sending.
    func enqueue(_ output: LeasedOutput, _ admission: Admission?) {
        delivery.yield(Delivery(output: output, admission: admission))
    }

    /// Looks for due outputs soon.
    func wake() {
        ring.yield()
    }

    private func beginStopping() {
        room.close()
        connections.turnOutputsAway()
        delivery.finish()
    }

    private func claimDue() async {
        wake()
        for await _ in bell {
            var found = false
            while !Task.isCancelled, await claim() > 0 { found = true }
            guard !found else { continue }
            guard (try? await clock.sleep(for: limits.cooldown)) != nil else { return }
        }
    }

    /// Claims once; how many outputs came.
    private func claim() async -> Int {
        let (count, full) = room.claimable()
        guard count > 0, !outside.isOffline else { return 0 }
        let excluded = full.union(connections.shut(for: limits.patience))
        do {
            let outputs = try await writer.claimOutputs(
                OutputClaim(limit: count, excludedConnections: excluded, lease: limits.lease))
            deliver(outputs)
            return outputs.count
        } catch {
            logger.warning("outputs could not be claimed", metadata: ["error": "\(error)"])
            return 0
        }
    }

    private func listen() async {
        for await _ in reader.readiness() { wake() }
    }

    private func tick() async {
        while !Task.isCancelled {
            await readPauses()
            let looked = clock.now()
            wake()
            let due = (try? await reader.nextOutputDue(after: looked)) ?? nil
            let wait = due.map { max($0 - clock.now(), limits.cooldown) } ?? limits.poll
            guard (try? await clock.sleep(for: min(wait, limits.poll))) != nil else { return }
        }
    }

    private func keepLeases() async {
        while (try? await clock.sleep(for: limits.heartbeat)) != nil {
            // Places that a crashed or careless caller forgot.
            for admission in room.cancel(before: clock.monotonic() - limits.lease) { admission.returnUnused() }
            let leases = room.leases
            guard !leases.isEmpty else { continue }
            do {
                let lost = try await writer.extendLeases(
                    LeaseExtension(runs: [:], outputs: leases, lease: limits.lease))
                // One that ended since it was looked for has lost nothing.
                let count = lost.outputs.intersection(room.leases.keys).count
                guard count > 0 else { continue }
                logger.warning("leases of outputs were lost", metadata: ["count": "\(count)"])
            } catch {
                logger.warning("leases of outputs could not be prolonged", metadata: ["error": "\(error)"])
            }
        }
    }
}
