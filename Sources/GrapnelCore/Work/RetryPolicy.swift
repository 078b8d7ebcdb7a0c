/// When to try again: the schedule of Standard Webhooks
/// (https://github.com/standard-webhooks/standard-webhooks, "Retries"), each delay ±20 %.
package struct RetryPolicy: Sendable, Hashable {
    /// Tries in all. Default 10.
    package var maxAttempts: Int
    /// Lost leases before giving up. Default 20.
    package var maxLosses: Int
    /// Deaths of the isolate before the run is poison. Default 3.
    package var maxDeaths: Int

    package init(maxAttempts: Int = 10, maxLosses: Int = 20, maxDeaths: Int = 3) {
        self.maxAttempts = maxAttempts
        self.maxLosses = maxLosses
        self.maxDeaths = maxDeaths
    }

    /// The delay before the second try, the third, and so on; the last one repeats.
    package static let schedule: [Duration] = [
        .seconds(5), .seconds(300), .seconds(1800), .seconds(7200), .seconds(18_000), .seconds(36_000),
        .seconds(50_400), .seconds(72_000), .seconds(86_400),
    ]

    /// No retry is put off for longer: 24 h and what is added at random.
    package static let longestDelay: Duration = .seconds(103_680)

    /// The longest wait a vendor may ask for by `Retry-After`.
    package static let longestRetryAfter: Duration = .seconds(86_400)

    /// How long to wait after the try number `attempts` (1 is the first).
    ///
    /// - Parameters:
    ///   - attempts: Tries made so far, at least 1.
    ///   - retryAfter: What the vendor or the handler asked for; honoured up to 24 h, never jittered below itself.
    ///   - unit: A random number in 0 ..< 1.
    package func delay(afterAttempt attempts: Int, retryAfter: Duration?, unit: Double) -> Duration {
        if let retryAfter { return min(max(retryAfter, .zero), RetryPolicy.longestRetryAfter) }
        let index = min(max(attempts, 1), RetryPolicy.schedule.count) - 1
        return RetryPolicy.schedule[index] * (0.8 + 0.4 * unit)
    }
}
