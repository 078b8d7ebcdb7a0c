package import GrapnelCore

/// Whether a call may be sent.
package enum CallBeginningResult: Sendable, Hashable {
    /// The row is in_flight: send.
    case begun
    /// The row is not in the state that the caller saw; decide again on this one.
    case exists(Effect)
    /// The connection is paused: nothing was recorded.
    case paused
    /// The run's lease was lost: stop.
    case fenced
}
