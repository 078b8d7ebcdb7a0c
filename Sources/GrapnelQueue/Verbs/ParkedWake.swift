package import GrapnelCore

/// Parked work whose reason has gone.
package struct ParkedWake: Sendable, Hashable {
    package enum Work: Sendable, Hashable {
        case runs(ofRecipe: String)
        /// Runs that wait for a source or a connection.
        case runsWaiting(for: String)
        /// Runs that wait for connections which are not paused any more: whoever resumed them did not wake them all.
        case runsResumed
        case outputs(toConnection: String)
    }

    package var work: Work
    package var reason: ParkReason
    /// The most rows of one commit. Default 500.
    package var limit: Int

    /// Runs that wait for the world outside.
    package static func offline(limit: Int = 500) -> ParkedWake {
        ParkedWake(.runsWaiting(for: ""), parkedAs: .offline, limit: limit)
    }

    /// Runs that the end of their connection's pause has left behind.
    package static func resumed(limit: Int = 500) -> ParkedWake {
        ParkedWake(.runsResumed, parkedAs: .connectionPaused, limit: limit)
    }

    package init(_ work: Work, parkedAs reason: ParkReason, limit: Int = 500) {
        self.work = work
        self.reason = reason
        self.limit = limit
    }
}
