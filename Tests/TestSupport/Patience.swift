/// Waits for what other threads, processes and sockets bring about.
///
/// The bound is a time and a long one, not a number of turns: a busy machine is no failure.
package enum Patience {
    /// How long anything may take. 60 s.
    package static let limit = Duration.seconds(60)
    /// How often it is asked without a pause: most things are there at once.
    private static let turns = 100

    /// Waits until `condition` holds.
    ///
    /// - Throws: `PatienceError` when it does not within `limit`, and what `condition` throws.
    package static func until(_ condition: () async throws -> Bool) async throws {
        _ = try await value { try await condition() ? () : nil }
    }

    /// Waits until there is a value.
    ///
    /// - Parameter what: What it waits for, for the error.
    /// - Throws: `PatienceError` when there is none within `limit`, and what `find` throws.
    package static func value<Value>(
        _ what: String = "what was waited for", _ find: () async throws -> Value?
    ) async throws -> Value {
        let end = ContinuousClock.now.advanced(by: limit)
        var turn = 0
        while ContinuousClock.now < end, !Task.isCancelled {
            if let value = try await find() { return value }
            turn += 1
            // Asking without a pause would keep from their work those who are waited for.
            if turn > turns { try? await Task.sleep(for: .milliseconds(1)) } else { await Task.yield() }
        }
        if let value = try await find() { return value }
        throw PatienceError(message: "\(what) never came to pass")
    }
}
