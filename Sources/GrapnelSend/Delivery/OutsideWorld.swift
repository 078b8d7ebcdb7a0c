import GrapnelCore
import Synchronization

/// What this node knows of the world outside: shared by all that send.
final class OutsideWorld: Sendable {
    private struct State {
        var reachability: Reachability
        var offlineSince: Timestamp?
    }

    private let state: Mutex<State>
    /// Rings when probes are wanted.
    let doubts: AsyncStream<Void>
    private let doubt: AsyncStream<Void>.Continuation

    init(limits: Reachability.Limits) {
        state = Mutex(State(reachability: Reachability(limits: limits)))
        (doubts, doubt) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var isOffline: Bool { state.withLock { $0.reachability.state == .offline } }

    /// Since when nothing can be reached; `nil` while something can.
    var offlineSince: Timestamp? { state.withLock { $0.offlineSince } }

    /// How long until the next probe; `nil` when none is wanted.
    var nextProbe: Duration? { state.withLock { $0.reachability.nextProbe } }

    /// Which of the places is asked next, counted around.
    var turn: Int { state.withLock { $0.reachability.turn } }

    /// Takes note of the end of a request.
    ///
    /// - Returns: Whether its end says something about the vendor, and since when the hub was offline, when it is no more.
    func note(_ sign: ConnectionSign, at now: Duration, _ time: Timestamp) -> (
        counts: Bool, wasOfflineSince: Timestamp?
    ) {
        let (counts, change, since) = state.withLock { state in
            let change = state.reachability.note(sign, at: now)
            let counts = sign != .unreachable || state.reachability.state == .online
            return (counts, change, OutsideWorld.apply(change, to: &state, time))
        }
        if change == .doubts { doubt.yield() }
        return (counts, since)
    }

    /// Takes note of the end of a probe.
    ///
    /// - Returns: What has changed, and since when the hub was offline, when it is no more.
    func noteProbe(
        isReached: Bool, places: Int, at now: Duration, _ time: Timestamp
    ) -> (change: Reachability.Change?, wasOfflineSince: Timestamp?) {
        state.withLock { state in
            let change = state.reachability.noteProbe(isReached: isReached, places: places, at: now)
            return (change, OutsideWorld.apply(change, to: &state, time))
        }
    }

    private static func apply(
        _ change: Reachability.Change?, to state: inout State, _ time: Timestamp
    ) -> Timestamp? {
        switch change {
        case .wentOffline:
            state.offlineSince = time
            return nil
        case .cameOnline:
            defer { state.offlineSince = nil }
            return state.offlineSince ?? time
        case .doubts, nil: return nil
        }
    }
}
