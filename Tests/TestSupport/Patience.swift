/// Waits for what other threads, processes and sockets bring about.
///
/// The bound is a time and a long one, not a number of turns: a busy machine is no failure.
package enum Patience {
    /// How long anything may take. 60 s.
    package static let limit = Duration.seconds(60)
    /// How often it is asked without a pause: most things are there at once.
    private static let turns = 100

    /// Waits until `condition` holds, or for `limit`; returns whether it does.
    @discardableResult
    package static func until(_ condition: () async throws -> Bool) async rethrows -> Bool {
        let end = ContinuousClock.now.advanced(by: limit)
        var turn = 0
        while ContinuousClock.now < end, !Task.isCancelled {
            if try await condition() { return true }
            turn += 1
            // Asking without a pause would keep from their work those who are waited for.
            if turn > turns { try? await Task.sleep(for: .milliseconds(1)) } else { await Task.yield() }
        }
        return try await condition()
    }
}
