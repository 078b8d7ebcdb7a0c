import GrapnelCore

/// The text that a run keeps of its rate, so that its replays take from the same bucket.
enum RateText {
    static func encode(_ rate: RunFlow.Rate) -> String {
        "\(rate.count)/\(rate.interval.milliseconds)/\(rate.key)"
    }

    /// The rate of a stored text; `nil` when it is none.
    static func decode(_ text: String) -> RunFlow.Rate? {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let count = Int(parts[0]), let interval = Int64(parts[1]) else { return nil }
        return RunFlow.Rate(key: String(parts[2]), count: count, interval: .milliseconds(interval))
    }
}
