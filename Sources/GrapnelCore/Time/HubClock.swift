/// Where time comes from: the wall clock for schedules, signatures and what people read, the monotonic one for
/// durations. Injected everywhere, so that a test moves time by hand.
package protocol HubClock: Sendable {
    /// Wall-clock time.
    func now() -> Timestamp
    /// Time since some fixed moment of this process; never steps back.
    func monotonic() -> Duration
    /// Returns when `duration` of monotonic time has passed; throws `CancellationError` when cancelled before.
    func sleep(for duration: Duration) async throws
}
