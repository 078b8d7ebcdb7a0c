import GrapnelCore

/// The clocks of the simulation: a monotonic one that its thread moves, and a wall clock that may be wrong.
///
/// Unchecked: there is one thread.
final class SimulatedClock: HubClock, @unchecked Sendable {
    private let thread: SimulatedThread
    /// What the wall clock shows when the monotonic one shows zero.
    private var offset = Timestamp(milliseconds: 1_767_603_600_000)

    init(thread: SimulatedThread) { self.thread = thread }

    func now() -> Timestamp { offset + .milliseconds(thread.now) }

    func monotonic() -> Duration { .milliseconds(thread.now) }

    /// Sets the wall clock forward or back, as an operator or NTP does.
    func jump(by duration: Duration) { offset = offset + duration }

    func sleep(for duration: Duration) async throws {
        let sleeper = Sleeper(thread)
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { sleeper.begin(duration, $0) }
        } onCancel: {
            sleeper.cancel()
        }
    }

    /// One sleep. Unchecked: there is one thread.
    private final class Sleeper: @unchecked Sendable {
        private let thread: SimulatedThread
        private var continuation: UnsafeContinuation<Void, any Error>?
        private var number = 0
        private var isCancelled = false

        init(_ thread: SimulatedThread) { self.thread = thread }

        func begin(_ duration: Duration, _ continuation: UnsafeContinuation<Void, any Error>) {
            if isCancelled { return continuation.resume(throwing: CancellationError()) }
            if duration <= .zero { return continuation.resume() }
            self.continuation = continuation
            let whole = duration.milliseconds
            let delay = .milliseconds(whole) < duration ? whole + 1 : whole
            number = thread.after(delay, .hub) { [self] in
                self.continuation = nil
                continuation.resume()
            }
        }

        func cancel() {
            isCancelled = true
            guard let continuation else { return }
            self.continuation = nil
            thread.cancel(number)
            continuation.resume(throwing: CancellationError())
        }
    }
}
