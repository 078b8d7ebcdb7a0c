import GrapnelCore

/// The time that leases are measured by: it begins at the wall-clock time of the opening and goes on at the pace of the
/// monotonic clock, so that setting the wall clock neither ends a lease nor prolongs it.
///
/// It may be a clock of this opening's own because leases of other openings are lost by their number, whatever the time.
struct LeaseClock {
    private let clock: any HubClock
    private let openedAt: Timestamp
    private let opening: Duration

    init(_ clock: any HubClock) {
        self.clock = clock
        openedAt = clock.now()
        opening = clock.monotonic()
    }

    func now() -> Timestamp { openedAt + (clock.monotonic() - opening) }
}
