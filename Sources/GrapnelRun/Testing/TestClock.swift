import GrapnelCore

/// A wall clock that stands at the time that a test names; durations are real.
struct TestClock: HubClock {
    let wall: Timestamp
    private let real = SystemClock()

    init(wall: Timestamp) { self.wall = wall }

    func now() -> Timestamp { wall }

    func monotonic() -> Duration { real.monotonic() }

    func sleep(for duration: Duration) async throws { try await real.sleep(for: duration) }
}
