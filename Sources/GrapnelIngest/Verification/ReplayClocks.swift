import GrapnelCore
import Logging
import Synchronization

/// Decides about requests by the time that counts for their sources, as long as the hub runs.
final class ReplayClocks: Sendable {
    private let clock: any HubClock
    private let logger: Logger
    private let clocks = Mutex<[String: ReplayClock]>([:])

    init(clock: any HubClock, logger: Logger) {
        self.clock = clock
        self.logger = logger
    }

    /// Decides about a request that arrived now.
    func decision(on request: InboundRequest, of source: Source, limits: IngestLimits) -> IngestDecision {
        let (wall, monotonic) = (clock.now(), clock.monotonic())
        let now = clocks.withLock { $0[source.name]?.now(wall: wall, monotonic: monotonic) } ?? wall
        let decision = source.decision(on: request, now: now, limits: limits)
        guard now == wall else {
            return weighed(decision, request, source, limits, wall: wall, monotonic: monotonic)
        }
        if case .accept = decision, source.verifier?.readsTimes == true {
            clocks.withLock { $0[source.name, default: ReplayClock()].confirm(wall: wall, monotonic: monotonic) }
        }
        return decision
    }

    /// What becomes of a request while the wall clock does not count; it may count again after this one.
    private func weighed(
        _ decision: IngestDecision, _ request: InboundRequest, _ source: Source, _ limits: IngestLimits,
        wall: Timestamp, monotonic: Duration
    ) -> IngestDecision {
        // What is stale by the time that counts tells something only when its signature is the vendor's.
        var proven = decision
        if case .reject(.staleTimestamp) = decision {
            proven = source.decision(on: request, now: wall, limits: limits)
        }
        guard case .accept = proven, let time = source.verifier?.signedTime(of: request) else { return decision }
        let opinion = clocks.withLock {
            $0[source.name, default: ReplayClock()].weigh(time, wall: wall, monotonic: monotonic)
        }
        switch opinion {
        case .carried: return decision
        case .doubted:
            logger.warning(
                "the clock was set back; signed requests are judged as if it had not been, until it proves right",
                metadata: ["source": "\(source.name)"])
            return decision
        case .wall:
            logger.notice("signed requests are judged by the clock again", metadata: ["source": "\(source.name)"])
            return proven
        }
    }
}
