package import GrapnelCore

/// Follows how one connection fares, and says when that is worth keeping. Pure.
package struct HealthRecord: Sendable, Hashable {
    package struct Limits: Sendable, Hashable {
        /// A connection that has failed for so long with no success is paused. Default 5 d.
        package var patience: Duration
        /// Failures since the hub started before that. Default 3: after a long time switched off one more chance.
        package var failures: Int
        /// How long a connection has failed before that is kept: what goes up and down is not written every time.
        /// Default 1 min.
        package var keepAfter: Duration

        package init(
            patience: Duration = .seconds(5 * 86_400), failures: Int = 3, keepAfter: Duration = .seconds(60)
        ) {
            self.patience = patience
            self.failures = failures
            self.keepAfter = keepAfter
        }
    }

    package private(set) var health: ConnectionHealth
    /// Failures in a row since the hub started.
    package private(set) var failures = 0
    /// What the store has.
    private var keptFailingSince: Timestamp?

    /// - Parameter kept: What the store has.
    package init(_ kept: ConnectionHealth) {
        health = kept
        keptFailingSince = kept.failingSince
    }

    /// A sending has ended; whether the record should be kept now.
    package mutating func note(_ sign: ConnectionSign, failure: String?, now: Timestamp, limits: Limits) -> Bool {
        switch sign {
        case .nothing: return false
        case .answered:
            health.lastSuccess = now
            health.failingSince = nil
            failures = 0
        case .failed, .unreachable:
            health.lastFailure = now
            health.failure = failure
            health.failingSince = health.failingSince ?? now
            failures += 1
        }
        let isWorthKeeping = health.failingSince.map { now - $0 >= limits.keepAfter } ?? true
        guard isWorthKeeping, health.failingSince != keptFailingSince else { return false }
        keptFailingSince = health.failingSince
        return true
    }

    /// Gives the connection as much time again.
    package mutating func startOver() {
        health.failingSince = nil
        keptFailingSince = nil
        failures = 0
    }

    /// Whether the connection has failed for too long.
    package func isHopeless(now: Timestamp, limits: Limits) -> Bool {
        guard let since = health.failingSince, failures >= limits.failures else { return false }
        return now - since >= limits.patience
    }
}
